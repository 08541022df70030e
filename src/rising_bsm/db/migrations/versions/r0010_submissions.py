"""Submissions to the marketplace, their findings and decisions."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import Json, UtcDateTime

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    _create_submissions()
    _create_decisions()


def downgrade() -> None:
    """Removes them."""
    for table in ("submission_decisions", "submissions"):
        op.drop_table(table)


def _create_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("publisher", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("security", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("open_for", sa.String(150), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_by_name", sa.String(200), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("bundle_sha256", sa.String(64), nullable=False),
        sa.Column("bundle_size", sa.Integer(), nullable=False),
        sa.Column("unpacked_size", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("manifest", Json, nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("scans", sa.Integer(), nullable=False),
        sa.Column("scanned_at", UtcDateTime(), nullable=True),
        sa.Column("unfinished", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("open_for", name="uq_submissions_open_for"),
    )
    for columns in (["state", "submitted_at"], ["publisher"], ["plugin_id"]):
        op.create_index(f"ix_submissions_{'_'.join(columns)}", "submissions", columns)


def _create_decisions() -> None:
    op.create_table(
        "submission_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("user_name", sa.String(200), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_submission_decisions"),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_submission_decisions_submission_id_submissions",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_submission_decisions_submission_id", "submission_decisions", ["submission_id"])
