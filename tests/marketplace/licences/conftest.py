import pytest

from rising_bsm.db import Database
from support.database import backend, database, migrated_postgresql, shared_postgresql
from support.selling import Shop

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
async def shop(database: Database) -> Shop:
    """A marketplace with a plugin that is paid for, once on SQLite and once on PostgreSQL."""
    return await Shop(database).stocked()
