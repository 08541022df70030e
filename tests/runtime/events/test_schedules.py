"""What plugins do by the clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from rising_bsm.bundle.manifest import ScheduleExport
from rising_bsm.db import Database
from rising_bsm.runtime.events.schedules import Schedules
from rising_bsm.runtime.events.tables import SCHEDULE, plugin_schedules
from rising_bsm.sandbox import Pool
from support.events import Clock, Instance, open_instance, until
from support.runtime import PLUGIN

pytestmark = pytest.mark.anyio

DAILY = """
@schedule("0 7 * * *", time_zone="Europe/Berlin")
def digest(self, ctx):
    ctx.storage.increment("runs")
"""
HOURLY = ScheduleExport(cron="0 * * * *", time_zone="UTC", handler="digest")
SEVEN = datetime(2030, 1, 1, 6, 0, tzinfo=UTC)


async def next_runs(database: Database) -> dict[str, datetime]:
    async with database.reading() as session:
        rows = (await session.execute(select(plugin_schedules))).all()
    return {f"{row.plugin_id} {row.handler}": row.next_run for row in rows}


async def is_known(instance: Instance) -> bool:
    return bool(await next_runs(instance.database))


async def test_a_handler_runs_when_it_is_time_and_acts_as_its_plugin(instance: Instance) -> None:
    clock = Clock()
    await instance.attach(DAILY + '    ctx.storage.set("count", ctx.customers.count())', grants={"customers.read"})

    async with instance.delivering(clock=clock):
        await until(lambda: is_known(instance))
        assert await next_runs(instance.database) == {f"{PLUGIN} digest": SEVEN}
        clock.forward(hours=6)
        instance.runtime.outbox.announce()
        await until(lambda: has_run(instance, 1))
        await instance.all_delivered()
        assert await instance.stored("count") == 0

    assert await next_runs(instance.database) == {f"{PLUGIN} digest": SEVEN + timedelta(days=1)}


async def test_a_run_that_was_missed_while_the_application_was_down_is_made_up_for_once(
    pool: Pool, database: Database
) -> None:
    clock = Clock()
    async with open_instance(pool, database) as instance:
        await instance.attach(DAILY)
        async with instance.delivering(clock=clock):
            await until(lambda: is_known(instance))

    clock.forward(days=5)
    async with open_instance(pool, database) as instance:
        await instance.attach(DAILY)
        async with instance.delivering(clock=clock):
            await until(lambda: has_run(instance, 1))
            await instance.all_delivered()
        assert await instance.stored("runs") == 1
    assert await next_runs(database) == {f"{PLUGIN} digest": SEVEN + timedelta(days=5)}


async def test_a_plugin_that_is_switched_off_does_not_run_and_begins_anew(instance: Instance) -> None:
    clock = Clock()
    plugin = await instance.attach(DAILY)
    async with instance.delivering(clock=clock):
        await until(lambda: is_known(instance))
        instance.runtime.detach(PLUGIN)

        async def is_paused() -> bool:
            instance.runtime.outbox.announce()
            return not await is_known(instance)

        await until(is_paused)
        clock.forward(days=5)
        instance.runtime.attach(plugin)
        await until(lambda: is_known(instance))

    assert await next_runs(instance.database) == {f"{PLUGIN} digest": SEVEN + timedelta(days=5)}
    assert await instance.deliveries() == []


async def test_another_version_runs_at_its_own_times(database: Database) -> None:
    clock = Clock()
    schedules = Schedules(database, clock)
    await schedules.keep(PLUGIN, [HOURLY, HOURLY.model_copy(update={"handler": "other"})])
    clock.forward(minutes=30)
    daily = HOURLY.model_copy(update={"cron": "0 7 * * *"})

    await schedules.keep(PLUGIN, [daily, HOURLY.model_copy(update={"handler": "new"})])

    assert await next_runs(database) == {
        f"{PLUGIN} digest": datetime(2030, 1, 1, 7, tzinfo=UTC),
        f"{PLUGIN} new": datetime(2030, 1, 1, 1, tzinfo=UTC),
    }


async def test_of_several_processes_one_has_a_run_delivered(instance: Instance) -> None:
    clock = Clock()
    processes = [Schedules(instance.database, clock) for _ in range(6)]
    await asyncio.gather(*(each.keep(PLUGIN, [HOURLY]) for each in processes))

    for hours in range(1, 4):
        clock.forward(hours=1)
        soonest = await asyncio.gather(*(each.enqueue_due([PLUGIN]) for each in processes))
        assert set(soonest) == {clock() + timedelta(hours=1)}
        assert [each.name for each in await instance.deliveries()] == [SCHEDULE]
        assert hours


async def test_while_a_run_is_under_way_no_other_waits_behind_it(instance: Instance) -> None:
    clock = Clock()
    schedules = Schedules(instance.database, clock)
    await schedules.keep(PLUGIN, [HOURLY])

    for _ in range(3):
        clock.forward(hours=1)
        await schedules.enqueue_due([PLUGIN])

    assert len(await instance.deliveries()) == 1


async def test_plugins_that_are_not_asked_for_do_not_run(instance: Instance) -> None:
    clock = Clock()
    schedules = Schedules(instance.database, clock)
    await schedules.keep(PLUGIN, [HOURLY])
    clock.forward(hours=1)

    assert await schedules.enqueue_due(["acme.other"]) is None
    assert await instance.deliveries() == []


async def has_run(instance: Instance, times: int) -> bool:
    return bool(await instance.stored("runs") == times)
