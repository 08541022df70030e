"""How much is on its way to plugins, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from rising_bsm.db import Database
from rising_bsm.runtime.events.tables import WAITING, Delivery


@dataclass(frozen=True)
class Backlog:
    """Deliveries, counted by plugin and status, and when the first that waits is, or was, due to each plugin."""

    counts: Mapping[str, Mapping[str, int]]
    first_due: Mapping[str, datetime]

    @classmethod
    async def of(cls, database: Database) -> "Backlog":
        """What there is now."""
        counted = select(Delivery.plugin_id, Delivery.status, func.count(), func.min(Delivery.due_at))
        async with database.reading() as session:
            rows = (await session.execute(counted.group_by(Delivery.plugin_id, Delivery.status))).all()
        counts: dict[str, dict[str, int]] = {}
        for plugin_id, status, count, _due in rows:
            counts.setdefault(plugin_id, {})[status] = count
        return cls(counts, {plugin_id: due for plugin_id, status, _count, due in rows if status == WAITING})
