"""Publishers that are suspended, reviews that were reported, and numbers of plugins by the day."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import UtcDateTime

revision = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    _create_suspensions()
    _create_reports()
    op.create_table(
        "market_days",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("installs", sa.Integer(), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", "day", name="pk_market_days"),
    )


def downgrade() -> None:
    """Removes them; publishers that were suspended are so no more."""
    for table in ("market_days", "review_reports", "publisher_suspensions"):
        op.drop_table(table)


def _create_suspensions() -> None:
    op.create_table(
        "publisher_suspensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publisher", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publisher_suspensions"),
        sa.UniqueConstraint("publisher", name="uq_publisher_suspensions_publisher"),
    )


def _create_reports() -> None:
    op.create_table(
        "review_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_review_reports"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["market_reviews.id"], name="fk_review_reports_review_id_market_reviews", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_review_reports_review_id", "review_reports", ["review_id"])
    op.create_index("ix_review_reports_settled_at", "review_reports", ["settled_at"])
