from collections.abc import AsyncIterator

import pytest

from rising_bsm.db import Database
from rising_bsm.sandbox import Pool
from support.database import backend, database, migrated_postgresql, shared_postgresql
from support.events import Instance, open_instance

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
async def instance(pool: Pool, database: Database) -> AsyncIterator[Instance]:
    """An instance that delivers, once on SQLite and once on PostgreSQL."""
    async with open_instance(pool, database) as opened:
        yield opened
