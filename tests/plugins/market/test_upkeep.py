"""What is done again and again, by one process at a time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.errors import Failed
from rising_bsm.plugins.market.drafts import new_row
from rising_bsm.plugins.market.journal import KEPT, KEPT_DAYS, Journal
from rising_bsm.plugins.market.tables import Progress
from rising_bsm.plugins.market.upkeep import Job, Upkeep
from support.database import backend, database, migrated_postgresql, shared_postgresql

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]
pytestmark = pytest.mark.anyio

START = datetime(2026, 3, 1, tzinfo=UTC)


class Work:
    """Counts how often it is done, on a clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = START
        self.done = 0
        self.failing = False
        self.twice = asyncio.Event()

    def clock(self) -> datetime:
        return self.now

    async def __call__(self) -> None:
        self.done += 1
        if self.done == 2:
            self.twice.set()
        if self.failing:
            raise Failed("Not today.", code="test.failed")

    def upkeep(self, database: Database) -> Upkeep:
        return Upkeep(database, {"work": Job(self, timedelta(hours=1), jitter=0.1)}, self.clock)


async def test_it_is_done_when_it_is_due_and_not_before(database: Database) -> None:
    work = Work()
    upkeep = work.upkeep(database)
    for minutes, done in ((0, 1), (10, 1), (53, 1), (70, 2), (71, 2), (200, 3)):
        work.now = START + timedelta(minutes=minutes)
        await upkeep.look()
        assert work.done == done, minutes


async def test_of_several_processes_one_does_it(database: Database) -> None:
    work = Work()
    processes = [work.upkeep(database) for _ in range(3)]
    for hours in range(3):
        work.now = START + timedelta(hours=2 * hours)
        for process in processes:
            await process.look()
    assert work.done == 3


async def test_what_fails_is_tried_again_in_its_turn(database: Database) -> None:
    work = Work()
    upkeep, work.failing = work.upkeep(database), True
    await upkeep.look()
    work.now += timedelta(hours=2)
    await upkeep.look()
    assert work.done == 2


async def test_one_whose_process_has_died_is_done_by_another(database: Database) -> None:
    work, begun = Work(), asyncio.Event()

    async def for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    dying = asyncio.create_task(Upkeep(database, {"work": Job(for_ever, timedelta(hours=1))}, work.clock).look())
    await begun.wait()
    upkeep = work.upkeep(database)
    await upkeep.look()
    assert work.done == 0
    work.now += timedelta(minutes=6)
    await upkeep.look()
    assert work.done == 1
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


async def test_it_can_be_hurried_and_ends_at_once(database: Database) -> None:
    work = Work()
    upkeep = work.upkeep(database)
    await upkeep.look()
    await upkeep.hurry("work", timedelta(seconds=5))
    work.now += timedelta(seconds=6)
    async with asyncio.timeout(5), upkeep:
        await work.twice.wait()
    assert work.done == 2


@pytest.mark.parametrize("young", [True, False])
async def test_the_journal_forgets_what_is_old_but_not_the_last_of_it(database: Database, young: bool) -> None:
    journal, actor = Journal(database), Actor(None, "system", frozenset())
    rows = [new_row(actor, f"acme.n{number}", "install", "1.0.0", "stable", ()) for number in range(KEPT + 4)]
    rows[0].reserved = True
    for row in rows:
        await journal.begin(row)
    for row in rows[:-1]:
        await journal.end(row, Progress.DONE)
    later = datetime.now(UTC) + timedelta(days=KEPT_DAYS, minutes=-5 if young else 5)

    await journal.prune(later)

    left = {row.plugin_id for row in await journal.newest(KEPT * 2)}
    gone = {row.plugin_id for row in rows} - left
    assert gone == (set() if young else {"acme.n1", "acme.n2"}), "one has a seat, one is on its way"
