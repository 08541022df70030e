from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rising_bsm.db import Database
from rising_bsm.sandbox import Pool
from support.database import backend, database, migrated_postgresql, open_database, shared_postgresql
from support.plugins import Instance, open_plugins

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
async def instance(pool: Pool, tmp_path: Path) -> AsyncIterator[Instance]:
    """An instance on SQLite that trusts acme."""
    async with open_database() as database, open_plugins(pool, database, tmp_path) as instance:
        await instance.trust("acme")
        yield instance


@pytest.fixture
async def on_each_database(pool: Pool, database: Database, tmp_path: Path) -> AsyncIterator[Instance]:
    """As `instance`, once on SQLite and once on PostgreSQL."""
    async with open_plugins(pool, database, tmp_path) as instance:
        await instance.trust("acme")
        yield instance
