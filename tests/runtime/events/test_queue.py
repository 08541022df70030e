import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Failed
from rising_bsm.runtime.events.backoff import JITTER, PAUSES_SECONDS, pause_seconds
from rising_bsm.runtime.events.queue import LEASE_SECONDS, Queue
from rising_bsm.runtime.events.tables import DEAD, Delivery
from support.events import Clock
from support.runtime import PLUGIN

pytestmark = pytest.mark.anyio


async def make_delivery(database: Database, clock: Clock, **values: Any) -> Delivery:
    known = {"event_id": uuid7(), "name": "customers.create", "payload": "{}", "depth": 0, "handler": "keep"}
    rows = insert(Delivery).values({"plugin_id": PLUGIN, "due_at": clock(), **known, **values}).returning(Delivery)
    async with database.transaction() as session:
        return (await session.scalars(rows)).one()


async def test_what_was_taken_is_left_alone_until_its_time_is_over(database: Database) -> None:
    clock = Clock()
    queue, made = Queue(database, clock), await make_delivery(database, clock)

    taken = await queue.take(PLUGIN)
    clock.forward(seconds=LEASE_SECONDS - 1)
    meanwhile = await queue.take(PLUGIN)
    clock.forward(seconds=2)
    again = await queue.take(PLUGIN)

    assert taken is not None
    assert again is not None
    assert meanwhile is None
    assert (taken.event_id, taken.attempts) == (made.event_id, 1)
    assert (again.event_id, again.attempts) == (made.event_id, 2)

    # The first, believed dead, comes back: what it says of its failure counts no more.
    await queue.failed(taken, Failed("late"))
    assert await queue.take(PLUGIN) is None
    await queue.done(again)
    assert await queue.waiting() == {}


async def test_many_who_take_at_once_get_each_delivery_once(database: Database) -> None:
    clock = Clock()
    made = {(await make_delivery(database, clock)).id for _ in range(20)}
    queues = [Queue(database, clock) for _ in range(8)]

    async def take_all(queue: Queue) -> list[Any]:
        mine = []
        while taken := await queue.take(PLUGIN):
            mine.append(taken.id)
        return mine

    taken = [each for mine in await asyncio.gather(*map(take_all, queues)) for each in mine]

    # On PostgreSQL one may find that another is just taking the first, and come back later.
    assert len(taken) == len(set(taken))
    rest = await take_all(queues[0])
    assert {*taken, *rest} == made


async def test_what_was_given_back_was_no_attempt(database: Database) -> None:
    clock = Clock()
    queue = Queue(database, clock)
    await make_delivery(database, clock, created_at=clock())

    taken = await queue.take(PLUGIN)
    assert taken is not None
    await queue.give_back(taken)
    again = await queue.take(PLUGIN)

    assert again is not None
    assert again.attempts == 1


async def test_it_is_due_after_its_pause_and_dead_after_the_last(database: Database) -> None:
    clock = Clock()
    queue = Queue(database, clock)
    await make_delivery(database, clock)

    for pause in PAUSES_SECONDS:
        taken = await queue.take(PLUGIN)
        assert taken is not None
        await queue.failed(taken, Failed("boom"))
        clock.forward(seconds=pause * (1 - JITTER) - 0.1)
        assert await queue.take(PLUGIN) is None
        clock.forward(seconds=pause * 2 * JITTER + 0.2)
    last = await queue.take(PLUGIN)
    assert last is not None
    await queue.failed(last, Failed("boom"))

    clock.forward(days=365)
    assert await queue.take(PLUGIN) is None
    async with database.reading() as session:
        dead = await session.get_one(Delivery, last.id)
    assert (dead.status, dead.attempts, dead.last_error) == (DEAD, 8, {"code": "failed", "message": "boom"})


@given(st.integers(1, 100))
def test_pauses_grow_within_their_bounds_and_end(attempts: int) -> None:
    pause = pause_seconds(attempts)
    if attempts > len(PAUSES_SECONDS):
        assert pause is None
    else:
        assert pause is not None
        middle = PAUSES_SECONDS[attempts - 1]
        assert middle * (1 - JITTER) <= pause <= middle * (1 + JITTER)
        if attempts > 1:
            assert pause > PAUSES_SECONDS[attempts - 2]
