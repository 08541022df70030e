"""Trusted keys, installed plugins, and what the plugins store and log."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """People and customers -> and plugins."""
    _create_trusted_keys()
    _create_installed_plugins()
    _create_plugin_storage()
    _create_plugin_log()


def downgrade() -> None:
    """And plugins -> people and customers."""
    for table in ("plugin_log", "plugin_usage", "plugin_storage", "installed_plugins", "trusted_keys"):
        op.drop_table(table)


def _times() -> tuple[sa.Column[object], sa.Column[object]]:
    return (
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )


def _create_trusted_keys() -> None:
    op.create_table(
        "trusted_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("publisher", sa.String(40), nullable=False),
        sa.Column("public_key", sa.String(80), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_trusted_keys"),
        sa.UniqueConstraint("key_id", name="uq_trusted_keys_key_id"),
    )


def _create_installed_plugins() -> None:
    op.create_table(
        "installed_plugins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=True),
        sa.Column("version", sa.String(60), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("manifest", Json, nullable=True),
        sa.Column("grants", Json, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=True),
        sa.Column("code_sha256", sa.String(64), nullable=True),
        sa.Column("problem", Json, nullable=True),
        sa.Column("installed_by", sa.Uuid(), nullable=True),
        sa.Column("activated_at", UtcDateTime(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_installed_plugins"),
        sa.UniqueConstraint("plugin_id", name="uq_installed_plugins_plugin_id"),
        sa.UniqueConstraint("digest", name="uq_installed_plugins_digest"),
    )


def _create_plugin_storage() -> None:
    op.create_table(
        "plugin_storage",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("key", sa.LargeBinary(512), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", "key", name="pk_plugin_storage"),
    )
    op.create_table(
        "plugin_usage",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("storage_bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", name="pk_plugin_usage"),
    )


def _create_plugin_log() -> None:
    op.create_table(
        "plugin_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_log"),
    )
    op.create_index("ix_plugin_log_plugin_id_id", "plugin_log", ["plugin_id", "id"])
