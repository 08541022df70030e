from collections.abc import AsyncIterator

import pytest

from rising_bsm.sandbox import Pool
from support.database import backend, database, migrated_postgresql, shared_postgresql
from support.runtime import Instance, open_instance

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
async def instance(pool: Pool) -> AsyncIterator[Instance]:
    async with open_instance(pool) as opened:
        yield opened
