"""Why a publisher's key was revoked, and whether what it signed is believed; submissions that keep no bundle."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import UtcDateTime

revision = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them."""
    op.add_column("market_keys", sa.Column("revoked_because", sa.Text(), nullable=True))
    op.add_column("market_keys", sa.Column("compromised_at", UtcDateTime(), nullable=True))
    op.add_column("submissions", sa.Column("bundle_gone_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Removes them; the keys stay revoked."""
    with op.batch_alter_table("submissions") as batch:
        batch.drop_column("bundle_gone_at")
    with op.batch_alter_table("market_keys") as batch:
        batch.drop_column("compromised_at")
        batch.drop_column("revoked_because")
