"""The schema's revisions, and the two ways through them. Both run inside the transaction of `connection`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Brings the schema to the newest revision; keeps what is stored."""
    command.upgrade(_config(connection), "head")


def downgrade(connection: Connection) -> None:
    """Takes every revision back; the tables and what is in them are gone."""
    command.downgrade(_config(connection), "base")


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
