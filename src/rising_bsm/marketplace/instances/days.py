"""How many installs and downloads a plugin had on each day: the last count of the day stays."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, delete, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import Database, now
from rising_bsm.marketplace.catalogue.tables import MarketPlugin
from rising_bsm.marketplace.instances.tables import market_days

KEPT = timedelta(days=90)

_SAME = ("installs", "downloads")


async def write_day(session: AsyncSession) -> None:
    """What the catalogue says now is what is known of today; days that are long over are forgotten."""
    today = now().date()
    columns = (MarketPlugin.plugin_id, literal(today, Date), MarketPlugin.installs, MarketPlugin.downloads)
    used = select(*columns).where(or_(MarketPlugin.installs > 0, MarketPlugin.downloads > 0))
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(market_days).from_select(["plugin_id", "day", *_SAME], used)
    changed = {name: row.excluded[name] for name in _SAME}
    await session.execute(row.on_conflict_do_update(index_elements=["plugin_id", "day"], set_=changed))
    await session.execute(delete(market_days).where(market_days.c.day < today - KEPT))


class Days:
    """The days of plugins, for whoever may see their numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, plugin_id: str) -> Sequence[tuple[date, int, int]]:
        """Day, installs and downloads until then, of those days that are known of the last 90, the oldest first."""
        query = select(market_days.c.day, market_days.c.installs, market_days.c.downloads)
        of_it = query.where(market_days.c.plugin_id == plugin_id).order_by(market_days.c.day)
        async with self._database.reading() as session:
            return [(row[0], row[1], row[2]) for row in await session.execute(of_it)]
