from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rising_bsm.db import Database
from rising_bsm.sandbox import Pool
from support.database import backend, database, migrated_postgresql, open_database, shared_postgresql
from support.market_place import MarketPlace, Shopper, open_market, open_shopper

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
async def market(tmp_path: Path, anyio_backend: str) -> AsyncIterator[MarketPlace]:
    """A marketplace without plugins."""
    async with open_database() as database, open_market(database, tmp_path / "marketplace") as market:
        yield market


@pytest.fixture
async def shopper(pool: Pool, market: MarketPlace, tmp_path: Path) -> AsyncIterator[Shopper]:
    """An instance that uses it."""
    async with (
        open_database() as database,
        open_shopper(pool, database, tmp_path / "instance", market.system) as shopper,
    ):
        yield shopper


@pytest.fixture
async def on_each_database(
    pool: Pool, database: Database, market: MarketPlace, tmp_path: Path
) -> AsyncIterator[Shopper]:
    """As `shopper`, once on SQLite and once on PostgreSQL."""
    async with open_shopper(pool, database, tmp_path / "instance", market.system) as shopper:
        yield shopper
