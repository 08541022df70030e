"""Versions of plugins beside the one that is installed, and who is changing a plugin."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    op.add_column("installed_plugins", sa.Column("revision", sa.Uuid(), nullable=True))
    op.add_column("installed_plugins", sa.Column("busy_by", sa.Uuid(), nullable=True))
    op.add_column("installed_plugins", sa.Column("busy_until", UtcDateTime(), nullable=True))
    op.create_table(
        "plugin_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("manifest", Json, nullable=False),
        sa.Column("grants", Json, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("code_sha256", sa.String(64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_versions"),
        sa.UniqueConstraint("plugin_id", "role", name="uq_plugin_versions_plugin_id_role"),
    )


def downgrade() -> None:
    """Removes them; the bundles of other versions are removed by the next start."""
    op.drop_table("plugin_versions")
    for column in ("busy_until", "busy_by", "revision"):
        op.drop_column("installed_plugins", column)
