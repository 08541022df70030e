"""Events on their way to plugins, and schedules."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    op.create_table(
        "event_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("entity_id", sa.String(100), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("handler", sa.String(80), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("last_error", Json, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_deliveries"),
    )
    op.create_index(
        "ix_event_deliveries_status_plugin_id_due_at_id", "event_deliveries", ["status", "plugin_id", "due_at", "id"]
    )
    op.create_table(
        "plugin_schedules",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("handler", sa.String(80), nullable=False),
        sa.Column("cron", sa.String(100), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("next_run", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", "handler", name="pk_plugin_schedules"),
    )


def downgrade() -> None:
    """Removes them."""
    op.drop_table("plugin_schedules")
    op.drop_table("event_deliveries")
