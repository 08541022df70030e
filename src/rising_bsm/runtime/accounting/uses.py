"""What plugins make use of, of all that they were granted: counted by the day."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from rising_bsm.bundle.moments import READ_FOR
from rising_bsm.db import Database, now
from rising_bsm.runtime.accounting.tables import plugin_uses

KEPT_DAYS = 35
_U = plugin_uses.c
_Key = tuple[str, str, date]


@dataclass(frozen=True)
class Use:
    """How much of something a plugin has used, and when last."""

    amount: int
    last: date


class Uses:
    """Counts of permissions, of requests to places on the network (by their URLs in the manifest), and of bytes that
    were moved (`EGRESS_BYTES`), for 35 days.

    What is noted waits in memory until `flush`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: Counter[_Key] = Counter()
        self._turn = asyncio.Lock()

    def note(self, plugin_id: str, what: str, amount: int = 1) -> None:
        """The plugin has used so much more of it."""
        self._waiting[plugin_id, what, now().date()] += amount

    def note_called(self, plugin_id: str, request: Mapping[str, Any]) -> None:
        """The plugin is called so: to be shown what is written, or was done, takes a permission."""
        if request["op"] == "before":
            self.note(plugin_id, f"{request['hook'].partition('.')[0]}.read")
        elif request["op"] == "after" and (needed := READ_FOR.get(request["event"]["name"])):
            self.note(plugin_id, needed)

    async def flush(self) -> None:
        """Writes what is waiting. Raises DatabaseUnavailable, and loses nothing."""
        async with self._turn:
            batch, self._waiting = self._waiting, Counter()
            if not batch:
                return
            try:
                await self._write(batch)
            except BaseException:
                self._waiting.update(batch)
                raise

    async def forget(self, plugin_id: str) -> None:
        """Nothing of the plugin is written from now on that has not been."""
        async with self._turn:
            self._waiting = Counter({key: count for key, count in self._waiting.items() if key[0] != plugin_id})

    async def prune(self) -> None:
        """Removes what is too old to be asked for."""
        oldest = now().date() - timedelta(days=KEPT_DAYS)
        async with self._database.transaction() as session:
            await session.execute(delete(plugin_uses).where(_U.day < oldest))

    async def of(self, plugin_id: str, days: int = 30) -> Mapping[str, Use]:
        """What the plugin has used in the last days, by name; what it has not used is not there."""
        since = now().date() - timedelta(days=days - 1)
        summed = select(_U.what, func.sum(_U.amount), func.max(_U.day)).where(
            _U.plugin_id == plugin_id, _U.day >= since
        )
        async with self._database.reading() as session:
            rows = (await session.execute(summed.group_by(_U.what))).all()
        return {what: Use(int(amount), last) for what, amount, last in rows}

    async def by_day(self, plugin_id: str, what: str, days: int = 30) -> list[tuple[date, int]]:
        """How much of it the plugin has used on each of the last days, the oldest first."""
        first = now().date() - timedelta(days=days - 1)
        mine = _U.plugin_id == plugin_id, _U.what == what, _U.day >= first
        async with self._database.reading() as session:
            found = {row.day: row.amount for row in await session.execute(select(_U.day, _U.amount).where(*mine))}
        every = [first + timedelta(days=number) for number in range(days)]
        return [(day, found.get(day, 0)) for day in every]

    async def _write(self, batch: Counter[_Key]) -> None:
        async with self._database.transaction() as session:
            insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
            for (plugin_id, what, day), amount in sorted(batch.items()):
                row = {"plugin_id": plugin_id, "what": what, "day": day, "amount": amount}
                statement = insert(plugin_uses).values(row)
                more = {"amount": _U.amount + statement.excluded.amount}
                keys = ["plugin_id", "what", "day"]
                await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=more))
