from collections.abc import AsyncIterator

import pytest

from rising_bsm.db import Database
from support.database import backend, database, migrated_postgresql, open_database, shared_postgresql
from support.office import Desk, open_desk

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """An office on SQLite."""
    async with open_database() as database, open_desk(database) as desk:
        yield desk


@pytest.fixture
async def on_each_database(database: Database) -> AsyncIterator[Desk]:
    """As `desk`, once on SQLite and once on PostgreSQL, with the real index."""
    async with open_desk(database, real_index=True) as desk:
        yield desk
