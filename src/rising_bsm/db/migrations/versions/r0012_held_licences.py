"""The identity of this instance and the licences that it holds."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    op.create_table(
        "instance_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(10), nullable=False),
        sa.Column("public_key", sa.String(80), nullable=False),
        sa.Column("signing", sa.Text(), nullable=False),
        sa.Column("wrapping", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_instance_identity"),
        sa.UniqueConstraint("name", name="uq_instance_identity_name"),
    )
    op.create_table(
        "held_licences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("hint", sa.String(5), nullable=True),
        sa.Column("envelope", Json, nullable=False),
        sa.Column("signed_by", sa.String(80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.String(60), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ahead_ms", sa.BigInteger(), nullable=False),
        sa.Column("renewed_at", UtcDateTime(), nullable=False),
        sa.Column("surroundings", Json, nullable=False),
        sa.Column("told", sa.String(12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_held_licences"),
        sa.UniqueConstraint("plugin_id", name="uq_held_licences_plugin_id"),
    )


def downgrade() -> None:
    """Removes them; licences must be activated again."""
    op.drop_table("held_licences")
    op.drop_table("instance_identity")
