"""Records of calls on their way to the database: in memory first, then many at a time, beside the requests."""

import asyncio
from collections import Counter, deque
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import Database, now
from rising_bsm.runtime.accounting.execution import Execution
from rising_bsm.runtime.accounting.tables import PluginExecution

WAITING = 10_000
"""How many records may wait; more are lost, and counted."""
BATCH = 500
KEPT, PRUNED_EACH = 10_000, 1_000
"""How many records are kept of each plugin, and how many more there may be before the oldest go."""
KEPT_DAYS = 7


class Recorder:
    """Keeps records of calls: those of seven days, and the newest 10,000 or so of each plugin.

    `lost` counts those that found no room while the database was not there.
    """

    def __init__(self, database: Database) -> None:
        self.lost = 0
        self._database = database
        self._waiting: deque[Execution] = deque()
        self._since_pruned: Counter[str] = Counter()
        self._turn = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many records are not written yet."""
        return len(self._waiting)

    def add(self, execution: Execution) -> None:
        """The call has ended."""
        if len(self._waiting) < WAITING:
            self._waiting.append(execution)
        else:
            self.lost += 1

    async def flush(self) -> None:
        """Writes what is waiting. Raises DatabaseUnavailable, and loses nothing."""
        async with self._turn:
            for _ in range(0, len(self._waiting), BATCH):
                await self._write([self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))])

    async def forget(self, plugin_id: str) -> None:
        """Nothing of the plugin is written from now on that has not been."""
        async with self._turn:
            self._waiting = deque(each for each in self._waiting if each.plugin_id != plugin_id)
            del self._since_pruned[plugin_id]

    async def prune(self) -> None:
        """Removes what is older than seven days."""
        # Ids begin with the millisecond they were made in, so the oldest are found without another index.
        oldest = int((now() - timedelta(days=KEPT_DAYS)).timestamp() * 1_000)
        async with self._database.transaction() as session:
            await session.execute(delete(PluginExecution).where(PluginExecution.id < UUID(int=oldest << 80)))

    async def _write(self, batch: list[Execution]) -> None:
        try:
            async with self._database.transaction() as session:
                await session.execute(insert(PluginExecution), [each.as_row() for each in batch])
                for plugin_id, count in Counter(each.plugin_id for each in batch).items():
                    await self._prune_one(session, plugin_id, count)
        except BaseException:
            self._waiting.extendleft(reversed(batch))
            raise

    async def _prune_one(self, session: AsyncSession, plugin_id: str, count: int) -> None:
        # At the first sight of a plugin too: nobody knows how many there are from before.
        first = plugin_id not in self._since_pruned
        self._since_pruned[plugin_id] += count
        if not first and self._since_pruned[plugin_id] < PRUNED_EACH:
            return
        self._since_pruned[plugin_id] = 0
        mine = PluginExecution.plugin_id == plugin_id
        newest = select(PluginExecution.id).where(mine).order_by(PluginExecution.id.desc())
        dropped = newest.offset(KEPT).limit(1).scalar_subquery()
        await session.execute(delete(PluginExecution).where(mine, PluginExecution.id <= dropped))
