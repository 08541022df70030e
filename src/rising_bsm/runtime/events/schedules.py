"""What plugins do by the clock: a run that is due becomes a delivery, once, whoever sees it first."""

import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle.manifest import ScheduleExport
from rising_bsm.db import Database, iso, now, uuid7
from rising_bsm.runtime.events.clock import next_run
from rising_bsm.runtime.events.tables import SCHEDULE, WAITING, Delivery, plugin_schedules

_RUN = plugin_schedules.c


class Schedules:
    """The next run of each handler, in the database. `clock` tells the time."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, plugin_id: str, exports: Collection[ScheduleExport]) -> None:
        """The plugin runs at these times from now on, and at no others; a run that it has missed stays due."""
        wanted = {export.handler: export for export in exports}
        mine = _RUN.plugin_id == plugin_id
        async with self._database.transaction() as session:
            kept = {row.handler: row for row in await session.execute(select(plugin_schedules).where(mine))}
            for handler, row in kept.items():
                export = wanted.get(handler)
                if export is None or (export.cron, export.time_zone) != (row.cron, row.time_zone):
                    await session.execute(delete(plugin_schedules).where(mine, _RUN.handler == handler))
            for export in wanted.values():
                await self._add(session, plugin_id, export)

    async def enqueue_due(self, plugin_ids: Collection[str]) -> datetime | None:
        """Has the due runs of these plugins delivered; when the next of them is due, None if there is none."""
        every = select(plugin_schedules).where(_RUN.plugin_id.in_(plugin_ids))
        async with self._database.reading() as session:
            rows = (await session.execute(every)).all()
        moment = self._clock()
        for row in rows:
            if row.next_run <= moment:
                await self._enqueue(row, moment)
        later = [row.next_run if row.next_run > moment else _after(row, moment) for row in rows]
        return min(later, default=None)

    async def _add(self, session: AsyncSession, plugin_id: str, export: ScheduleExport) -> None:
        first = next_run(export.cron, export.time_zone, self._clock())
        values = {"cron": export.cron, "time_zone": export.time_zone, "next_run": first}
        row = {"plugin_id": plugin_id, "handler": export.handler, **values}
        # Another process may have been faster.
        upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        await session.execute(upsert(plugin_schedules).values(row).on_conflict_do_nothing())

    async def _enqueue(self, row: Row[Any], moment: datetime) -> None:
        mine = and_(_RUN.plugin_id == row.plugin_id, _RUN.handler == row.handler)
        # Who moves it on has it delivered: the others find that it is not where they saw it.
        moved = update(plugin_schedules).where(mine, _RUN.next_run == row.next_run)
        async with self._database.transaction() as session:
            found = await session.scalar(moved.values(next_run=_after(row, moment)).returning(_RUN.handler))
            if found is not None and not await _is_under_way(session, row):
                await session.execute(insert(Delivery), [_delivery(row)])


async def _is_under_way(session: AsyncSession, row: Row[Any]) -> bool:
    """Whether the last run is still waiting, running or being repeated; a second would only wait behind it."""
    same = (Delivery.plugin_id == row.plugin_id, Delivery.handler == row.handler, Delivery.name == SCHEDULE)
    return bool(await session.scalar(select(exists().where(Delivery.status == WAITING, *same))))


def _after(row: Row[Any], moment: datetime) -> datetime:
    return next_run(row.cron, row.time_zone, moment)


def _delivery(row: Row[Any]) -> dict[str, Any]:
    payload = json.dumps({"due": iso(row.next_run)})
    whose = {"plugin_id": row.plugin_id, "handler": row.handler}
    return {"id": uuid7(), "event_id": uuid7(), "name": SCHEDULE, "payload": payload, "depth": 0, **whose}
