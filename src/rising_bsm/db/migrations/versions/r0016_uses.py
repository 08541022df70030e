"""What plugins make use of, by the day."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds it."""
    op.create_table(
        "plugin_uses",
        sa.Column("plugin_id", sa.String(81), nullable=False),
        sa.Column("what", sa.String(2_048), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plugin_id", "what", "day", name="pk_plugin_uses"),
    )


def downgrade() -> None:
    """Removes it."""
    op.drop_table("plugin_uses")
