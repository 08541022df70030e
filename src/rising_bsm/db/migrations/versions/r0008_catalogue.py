"""The catalogue of the marketplace: publishers, their keys, plugins, versions, and the search among them."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

# What is searched is split into words beforehand, so that both databases find the same: the tokenizer only parts them
# at spaces. Where in a text a word is does not count, so it is not kept. Facets are words such as `=category=finance`.
_SQLITE_SEARCH = """
CREATE VIRTUAL TABLE market_search USING fts5(
    name, tags, description, readme, facets,
    tokenize = "ascii tokenchars '=.-_'", prefix = '1 2 3', detail = 'column', columnsize = 0
)
"""
_POSTGRESQL_SEARCH = """
CREATE TABLE market_search (
    number INTEGER PRIMARY KEY REFERENCES market_plugins (number) ON DELETE CASCADE, document TSVECTOR NOT NULL
)
"""


def upgrade() -> None:
    """Adds it."""
    _create_publishers()
    _create_plugins()
    _create_versions()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_SEARCH)
        op.execute("CREATE INDEX ix_market_search_document ON market_search USING GIN (document)")
    else:
        op.execute(_SQLITE_SEARCH)


def downgrade() -> None:
    """Removes it."""
    for table in ("search", "versions", "pictures", "tags", "plugins", "keys"):
        op.drop_table(f"market_{table}")
    op.drop_table("publishers")


def _times() -> list[sa.Column[object]]:
    return [sa.Column(name, UtcDateTime(), nullable=False) for name in ("created_at", "updated_at")]


def _create_publishers() -> None:
    op.create_table(
        "publishers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("website", sa.String(300), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_publishers"),
        sa.UniqueConstraint("name", name="uq_publishers_name"),
    )
    op.create_index("ix_publishers_owner_id", "publishers", ["owner_id"])
    op.create_table(
        "market_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publisher", sa.String(40), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.String(80), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_market_keys"),
        sa.UniqueConstraint("key_id", name="uq_market_keys_key_id"),
    )
    op.create_index("ix_market_keys_publisher", "market_keys", ["publisher"])


def _create_plugins() -> None:
    op.create_table(
        "market_plugins",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("publisher", sa.String(40), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("installs", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("pricing", sa.String(10), nullable=False),
        sa.Column("host", sa.String(100), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("rating_count", sa.Integer(), nullable=False),
        sa.Column("rating_sum", sa.Integer(), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("license", sa.String(200), nullable=False),
        sa.Column("homepage", sa.String(300), nullable=False),
        sa.Column("support", sa.String(300), nullable=False),
        sa.Column("icon_sha256", sa.String(64), nullable=True),
        sa.Column("screenshots", Json, nullable=False),
        sa.Column("latest_version", sa.String(60), nullable=True),
        *_times(),
        sa.PrimaryKeyConstraint("number", name="pk_market_plugins"),
        sa.UniqueConstraint("id", name="uq_market_plugins_id"),
        sa.UniqueConstraint("plugin_id", name="uq_market_plugins_plugin_id"),
    )
    for column in ("publisher", "category", "host"):
        op.create_index(f"ix_market_plugins_{column}", "market_plugins", [column])
    for column in ("installs", "score", "published_at"):
        name = f"ix_market_plugins_listed_{column}_number"
        op.create_index(name, "market_plugins", ["listed", column, "number"])
    facts = ["number", "listed", "installs", "score", "published_at", "type", "pricing", "host"]
    op.create_index("ix_market_plugins_facts", "market_plugins", facts)
    op.create_table(
        "market_tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_market_tags"),
        sa.ForeignKeyConstraint(
            ["plugin"], ["market_plugins.number"], name="fk_market_tags_plugin", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("tag", "plugin", name="uq_market_tags_tag_plugin"),
    )
    op.create_index("ix_market_tags_plugin", "market_tags", ["plugin"])
    op.create_table(
        "market_pictures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_market_pictures"),
        sa.ForeignKeyConstraint(
            ["plugin"], ["market_plugins.number"], name="fk_market_pictures_plugin", ondelete="CASCADE"
        ),
    )
    for column in ("plugin", "sha256"):
        op.create_index(f"ix_market_pictures_{column}", "market_pictures", [column])


def _create_versions() -> None:
    op.create_table(
        "market_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("bundle_sha256", sa.String(64), nullable=False),
        sa.Column("bundle_size", sa.Integer(), nullable=False),
        sa.Column("blob_sha256", sa.String(64), nullable=False),
        sa.Column("blob_size", sa.Integer(), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("content_key", sa.Text(), nullable=True),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("security", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("icon_sha256", sa.String(64), nullable=True),
        sa.Column("screenshots", Json, nullable=False),
        sa.Column("manifest", Json, nullable=False),
        sa.Column("readme", sa.Text(), nullable=False),
        sa.Column("changelog", sa.Text(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("id", name="pk_market_versions"),
        sa.UniqueConstraint("plugin_id", "version", name="uq_market_versions_plugin_id_version"),
    )
    op.create_index("ix_market_versions_blob_sha256", "market_versions", ["blob_sha256"])
