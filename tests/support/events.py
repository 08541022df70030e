"""Instances that deliver events, and ways to wait until they have."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update

from rising_bsm.db import Database, now
from rising_bsm.hooks import HookPoints
from rising_bsm.runtime import Business, Runtime, RuntimeLimits
from rising_bsm.runtime.events.dispatcher import Dispatcher
from rising_bsm.runtime.events.tables import Delivery
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import Pool
from support.runtime import PLUGIN
from support.runtime import Instance as WithRuntime

PATIENCE_SECONDS = 40.0


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self, moment: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **time: float) -> None:
        self.moment += timedelta(**time)


class Instance(WithRuntime):
    """An application without HTTP that delivers what is due while it is `delivering`."""

    def delivering(self, *, clock: Callable[[], datetime] = now) -> Dispatcher:
        return Dispatcher(self.database, self.runtime, places=2, clock=clock)

    def storage(self, plugin: str = PLUGIN) -> Storage:
        """What the plugin has stored."""
        return Storage(self.database, plugin)

    async def stored(self, key: str, plugin: str = PLUGIN) -> Any:
        return (await self.storage(plugin).get(key))["value"]

    async def deliveries(self) -> list[Delivery]:
        """All there are, the oldest first."""
        async with self.database.reading() as session:
            return list((await session.scalars(select(Delivery).order_by(Delivery.id))).all())

    async def all_delivered(self) -> None:
        """Waits until nothing is on its way."""

        await until(self.nothing_is_left)

    async def nothing_is_left(self) -> bool:
        """Whether nothing is on its way, dead or not."""
        async with self.database.reading() as session:
            return not await session.scalar(select(exists(select(Delivery.id))))

    async def hurry(self) -> None:
        """What waits for its next attempt need not wait any longer."""
        async with self.database.transaction() as session:
            await session.execute(update(Delivery).values(due_at=datetime(2000, 1, 1, tzinfo=UTC)))
        self.runtime.outbox.announce()


async def until(met: Callable[[], Awaitable[bool]], seconds: float = PATIENCE_SECONDS) -> None:
    """Waits until a condition is met, looking again and again."""
    async with asyncio.timeout(seconds):
        while not await met():  # noqa: ASYNC110 - what happens in the sandbox tells nobody
            await asyncio.sleep(0.01)


@asynccontextmanager
async def open_instance(
    pool: Pool, database: Database, *, limits: RuntimeLimits | None = None
) -> AsyncIterator[Instance]:
    """An instance on this database, as another process would open it; `pool` outlives it."""
    hooks = HookPoints()
    business = Business.on(database, hooks)
    runtime = Runtime(pool, database, hooks, business, limits or RuntimeLimits())
    yield Instance(pool, database, hooks, business.customers, runtime)
