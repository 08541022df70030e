"""Notifications, settings and problems of plugins."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import UtcDateTime

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    _create_notifications()
    _create_plugin_settings()
    _create_plugin_problems()


def downgrade() -> None:
    """Removes them."""
    for table in ("plugin_problems", "plugin_settings", "notification_reads", "notifications"):
        op.drop_table(table)


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(20), nullable=True),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("sender", sa.String(200), nullable=False),
        sa.Column("plugin", sa.String(81), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_notifications_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_notifications_user_id_id", "notifications", ["user_id", "id"])
    op.create_index("ix_notifications_role_id", "notifications", ["role", "id"])
    op.create_table(
        "notification_reads",
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("notification_id", "user_id", name="pk_notification_reads"),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name="fk_notification_reads_notification_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_notification_reads_user_id", ondelete="CASCADE"),
    )


def _create_plugin_settings() -> None:
    op.create_table(
        "plugin_settings",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", "name", name="pk_plugin_settings"),
    )


def _create_plugin_problems() -> None:
    op.create_table(
        "plugin_problems",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", "key", name="pk_plugin_problems"),
    )
