"""Licences that are sold, activations, tokens, and instances that are alive."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    _create_instances()
    _create_sold_licences()
    _create_activations()
    _create_download_tokens()
    _create_reviews()


def downgrade() -> None:
    """Removes them."""
    for table in ("market_reviews", "download_tokens", "activations", "sold_licences", "live_installs"):
        op.drop_table(table)
    op.drop_table("known_instances")


def _create_instances() -> None:
    op.create_table(
        "known_instances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("url", sa.String(300), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_known_instances"),
        sa.UniqueConstraint("key", name="uq_known_instances_key"),
    )
    op.create_index("ix_known_instances_key_id", "known_instances", ["key_id"])
    op.create_index("ix_known_instances_last_seen", "known_instances", ["last_seen"])
    op.create_table(
        "live_installs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("crashes", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_live_installs"),
        sa.UniqueConstraint("instance_id", "plugin_id", name="uq_live_installs_instance_id_plugin_id"),
        _instance("live_installs", ondelete="CASCADE"),
    )
    op.create_index("ix_live_installs_plugin_id_seen_at", "live_installs", ["plugin_id", "seen_at"])


def _create_sold_licences() -> None:
    op.create_table(
        "sold_licences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("key_digest", sa.String(64), nullable=True),
        sa.Column("key_hint", sa.String(10), nullable=False),
        sa.Column("limits", Json, nullable=False),
        sa.Column("entitlements", Json, nullable=False),
        sa.Column("max_installs", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("trial_of", sa.String(60), nullable=True),
        sa.Column("sold_by", sa.Uuid(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_sold_licences"),
        sa.UniqueConstraint("key_digest", name="uq_sold_licences_key_digest"),
        sa.UniqueConstraint("plugin_id", "trial_of", name="uq_sold_licences_plugin_id_trial_of"),
    )
    op.create_index("ix_sold_licences_plugin_id_id", "sold_licences", ["plugin_id", "id"])


def _create_activations() -> None:
    op.create_table(
        "activations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("seated", sa.Boolean(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("activated_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("ended", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_activations"),
        _licence("activations"),
        _instance("activations"),
    )
    op.create_index("ix_activations_licence_id_released_at", "activations", ["licence_id", "released_at"])
    op.create_index("ix_activations_instance_id", "activations", ["instance_id"])
    op.create_index(
        "uq_activations_open",
        "activations",
        ["licence_id", "instance_id"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )


def _create_download_tokens() -> None:
    op.create_table(
        "download_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("redeemed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_download_tokens"),
        sa.UniqueConstraint("digest", name="uq_download_tokens_digest"),
        _licence("download_tokens"),
        _instance("download_tokens", ondelete="CASCADE"),
    )
    op.create_index("ix_download_tokens_expires_at", "download_tokens", ["expires_at"])


def _create_reviews() -> None:
    op.create_table(
        "market_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("hidden_reason", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_at", UtcDateTime(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_market_reviews"),
        sa.UniqueConstraint(
            "plugin_id", "instance_id", "author", name="uq_market_reviews_plugin_id_instance_id_author"
        ),
        _instance("market_reviews"),
    )
    op.create_index("ix_market_reviews_plugin_id_id", "market_reviews", ["plugin_id", "id"])


def _times() -> list[sa.Column[object]]:
    return [sa.Column(name, UtcDateTime(), nullable=False) for name in ("created_at", "updated_at")]


def _licence(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["licence_id"], ["sold_licences.id"], name=f"fk_{table}_licence_id")


def _instance(table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["instance_id"], ["known_instances.id"], name=f"fk_{table}_instance_id", ondelete=ondelete
    )
