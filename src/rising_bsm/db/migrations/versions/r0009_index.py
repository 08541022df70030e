"""The signed index of the marketplace: keys and metadata."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import UtcDateTime

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    op.create_table(
        "index_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.String(80), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=True),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_index_keys"),
        sa.UniqueConstraint("key_id", name="uq_index_keys_key_id"),
    )
    op.create_index("ix_index_keys_role", "index_keys", ["role"])
    op.create_table(
        "index_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_index_files"),
        sa.UniqueConstraint("role", "version", name="uq_index_files_role_version"),
    )
    op.create_index("ix_index_files_replaced_at", "index_files", ["replaced_at"])


def downgrade() -> None:
    """Removes them, and with them the trust of every client in this marketplace."""
    op.drop_table("index_files")
    op.drop_table("index_keys")
