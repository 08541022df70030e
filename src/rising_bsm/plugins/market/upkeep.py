"""What is done again and again for plugins from the marketplace: by one process of a deployment at a time."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from rising_bsm.db import Database, now, uuid7
from rising_bsm.errors import Error
from rising_bsm.plugins.market.tables import UpkeepJob

LOOK_SECONDS = 15.0
LEASE = timedelta(minutes=5)
_log = structlog.get_logger("rising_bsm.market")


@dataclass(frozen=True)
class Job:
    """What is done every so often, give or take this share of it, so that not all instances do it at once."""

    work: Callable[[], Awaitable[None]]
    every: timedelta
    jitter: float = 0.1

    def next(self, moment: datetime) -> datetime:
        """When it is due after having been done at this moment."""
        return moment + self.every * (1 + random.uniform(-self.jitter, self.jitter))  # noqa: S311 - no secret


class Upkeep:
    """Does the jobs when they are due, if no other process does; `clock` tells the time.

    `async with Upkeep(...)` starts and ends it, in the middle of a job if need be.
    """

    def __init__(self, database: Database, jobs: Mapping[str, Job], clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._me = uuid7()
        self._sooner = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run_for_ever())
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def hurry(self, name: str, within: timedelta = timedelta(seconds=5)) -> None:
        """The job is due that soon, if it is not before."""
        soon = self._clock() + within
        sooner = update(UpkeepJob).where(UpkeepJob.name == name, UpkeepJob.due_at > soon).values(due_at=soon)
        async with self._database.transaction() as session:
            await session.execute(sooner, execution_options={"synchronize_session": False})
        self._sooner.set()

    async def look(self) -> None:
        """Does what is due now."""
        for name, job in self._jobs.items():
            if await self._take(name):
                await self._do(name, job)

    async def _do(self, name: str, job: Job) -> None:
        problem = None
        try:
            await job.work()
        except Error as error:
            problem = error.as_dict()
            _log.warning("upkeep failed; tried again", job=name, error=problem)
        finally:
            await self._give_back(name, job, problem)

    async def _take(self, name: str) -> bool:
        moment = self._clock()
        free = or_(UpkeepJob.busy_until.is_(None), UpkeepJob.busy_until <= moment)
        taken = update(UpkeepJob).where(UpkeepJob.name == name, UpkeepJob.due_at <= moment, free)
        taken = taken.values(busy_by=self._me, busy_until=moment + LEASE)
        async with self._database.reading() as session:
            due = await session.scalar(select(UpkeepJob.due_at).where(UpkeepJob.name == name))
        if due is None:
            await self._make(name)
        elif due > moment:
            return False
        async with self._database.transaction() as session:
            return await session.scalar(taken.returning(UpkeepJob.id)) is not None

    async def _make(self, name: str) -> None:
        with suppress(IntegrityError):  # another process was first
            async with self._database.transaction() as session:
                session.add(UpkeepJob(name=name, due_at=self._clock()))

    async def _give_back(self, name: str, job: Job, problem: object) -> None:
        moment = self._clock()
        mine = UpkeepJob.name == name, UpkeepJob.busy_by == self._me
        done = {"due_at": job.next(moment), "done_at": moment, "problem": problem, "busy_by": None, "busy_until": None}
        async with self._database.transaction() as session:
            await session.execute(update(UpkeepJob).where(*mine).values(**done))

    async def _run_for_ever(self) -> None:
        while True:
            self._sooner.clear()
            try:
                await self.look()
            except Exception as error:  # whatever it is: nobody else would do it
                _log.error("upkeep not done; tried again", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._sooner.wait()
