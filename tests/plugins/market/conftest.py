from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rising_bsm.sandbox import Pool
from support.database import open_database
from support.market_place import MarketPlace, Shopper, open_market, open_shopper


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
