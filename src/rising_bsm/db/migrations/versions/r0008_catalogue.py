"""The catalogue of the marketplace: publishers, plugins, versions, reviews."""

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""


def downgrade() -> None:
    """Removes them."""
