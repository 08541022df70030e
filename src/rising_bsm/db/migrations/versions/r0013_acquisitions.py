"""Plugins on their way from the marketplace, updates, pins and snapshots."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None

_TABLES = (
    "upkeep_jobs",
    "plugin_advisories",
    "plugin_snapshot_entries",
    "plugin_snapshots",
    "plugin_pins",
    "plugin_updates",
    "acquisitions",
)


def upgrade() -> None:
    """Adds them."""
    op.add_column("trusted_keys", sa.Column("source", sa.String(12), nullable=True))
    _create_acquisitions()
    _create_updates()
    _create_snapshots()
    _create_advisories()
    _create_jobs()


def downgrade() -> None:
    """Removes them."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("trusted_keys", "source")


def _table(name: str, *columns: sa.Column[object], unique: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint(*unique, name=f"uq_{name}_{'_'.join(unique)}"),
    )


def _create_acquisitions() -> None:
    _table(
        "acquisitions",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("running_for", sa.String(81), nullable=True),
        sa.Column("version", sa.String(60), nullable=True),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("steps", Json, nullable=False),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("with_dependencies", sa.Boolean(), nullable=False),
        sa.Column("licence", sa.String(10), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=True),
        sa.Column("reserved", sa.Boolean(), nullable=False),
        sa.Column("bundle_sha256", sa.String(64), nullable=True),
        sa.Column("problem", Json, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("user_name", sa.String(200), nullable=False),
        sa.Column("permissions", Json, nullable=False),
        *_busy(),
        unique=("running_for",),
    )
    op.create_index("ix_acquisitions_plugin_id", "acquisitions", ["plugin_id"])


def _create_updates() -> None:
    _table(
        "plugin_updates",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("from_version", sa.String(60), nullable=False),
        sa.Column("to_version", sa.String(60), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("security", sa.Boolean(), nullable=False),
        sa.Column("difference", Json, nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("problem", Json, nullable=True),
        unique=("plugin_id",),
    )
    _table(
        "plugin_pins",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("version", sa.String(60), nullable=True),
        unique=("plugin_id",),
    )


def _create_snapshots() -> None:
    _table(
        "plugin_snapshots",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("storage_bytes", sa.Integer(), nullable=False),
        sa.Column("settings", Json, nullable=False),
        unique=("plugin_id", "role"),
    )
    op.create_table(
        "plugin_snapshot_entries",
        sa.Column("snapshot_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(512), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "key", name="pk_plugin_snapshot_entries"),
    )


def _create_advisories() -> None:
    _table(
        "plugin_advisories",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("overridden_by", sa.Uuid(), nullable=True),
        sa.Column("overridden_at", UtcDateTime(), nullable=True),
        unique=("plugin_id", "version"),
    )


def _create_jobs() -> None:
    _table(
        "upkeep_jobs",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        *_busy(),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("problem", Json, nullable=True),
        unique=("name",),
    )


def _busy() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("busy_by", sa.Uuid(), nullable=True), sa.Column("busy_until", UtcDateTime(), nullable=True)
