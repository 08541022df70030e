"""Executions of plugins, their breakers, and what administrators have chosen about them."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    _create_plugin_executions()
    op.create_table(
        "plugin_breakers",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("entry", sa.String(200), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", "entry", name="pk_plugin_breakers"),
    )
    op.add_column("installed_plugins", sa.Column("open_hooks", Json, nullable=True))
    op.add_column("installed_plugins", sa.Column("breaker", sa.String(10), nullable=True))


def downgrade() -> None:
    """Removes them."""
    for column in ("breaker", "open_hooks"):
        op.drop_column("installed_plugins", column)
    for table in ("plugin_breakers", "plugin_executions"):
        op.drop_table(table)


def _create_plugin_executions() -> None:
    op.create_table(
        "plugin_executions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("entry", sa.String(200), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("user_name", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("code", sa.String(80), nullable=True),
        sa.Column("place", sa.String(200), nullable=True),
        sa.Column("fuel", sa.BigInteger(), nullable=False),
        sa.Column("wall_ms", sa.Float(), nullable=False),
        sa.Column("host_ms", sa.Float(), nullable=False),
        sa.Column("host_calls", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("bytes_in", sa.BigInteger(), nullable=False),
        sa.Column("bytes_out", sa.BigInteger(), nullable=False),
        sa.Column("cold", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_executions"),
    )
    op.create_index("ix_plugin_executions_plugin_id_id", "plugin_executions", ["plugin_id", "id"])
