from collections.abc import AsyncIterator

import pytest

from rising_bsm.db import Database
from support.database import backend, database, migrated_postgresql, open_database, shared_postgresql
from support.licences import Holder, make_holder

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
async def holder(anyio_backend: str) -> AsyncIterator[Holder]:
    """An instance that holds licences, on SQLite."""
    async with open_database() as opened:
        yield make_holder(opened)


@pytest.fixture
def each(database: Database) -> Holder:
    """As `holder`, once on SQLite and once on PostgreSQL."""
    return make_holder(database)
