"""Nothing is lost when workers are killed, and nobody waits for who hangs."""

import asyncio
import os
import random
import signal
import time
from contextlib import suppress

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.customers import CustomerQuery
from rising_bsm.db import Database
from rising_bsm.runtime import RuntimeLimits
from rising_bsm.sandbox import Limits, Pool, PoolSettings
from support.database import open_database
from support.events import Instance, open_instance, until
from support.people import make_customer

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

# What is done for an event is noted under its id in the same step, so it is done once however often it comes.
COUNTS = """
@after("customers.create")
def count(self, ctx, event):
    if not ctx.storage.compare_and_set(f"done/{event.id}", None, event.after["email"], absent=True):
        ctx.storage.increment("again")
"""


async def kill_at_random(pool: Pool, count: int) -> None:
    """Kills so many workers of the background while they run something."""
    chance = random.Random(7)
    while count:
        busy = [worker for worker in pool._staff._workers if worker.background and worker._running is not None]
        if busy:
            process = chance.choice(busy)._process
            assert process is not None
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(process.pid, signal.SIGKILL)
                count -= 1
        await asyncio.sleep(chance.uniform(0.05, 1))


@pytest.mark.parametrize(("backend", "customers", "kills"), [("sqlite", 1000, 10), ("postgresql", 100, 4)])
async def test_every_event_is_handled_and_none_applied_twice_though_workers_are_killed(
    compiled_guest: int, backend: str, customers: int, kills: int, anyio_backend: str
) -> None:
    async with (
        open_database(backend) as database,
        Pool(compiled_guest, PoolSettings(workers=1)) as pool,
        open_instance(pool, database) as instance,
    ):
        await instance.attach(COUNTS, grants={"customers.read"})

        created = 0
        async with instance.delivering():
            killing = asyncio.create_task(kill_at_random(pool, kills))
            # And more of them, in peace, until all are killed: where all is done already, nobody is left to kill.
            while created < customers or not killing.done():
                await make_customer(database, hooks=instance.hooks)
                created += 1
                await asyncio.sleep(0 if created < customers else 0.05)
            await killing
            await until(instance.nothing_is_left, 120)

        done = await instance.storage().list("done/", 10_000)
        assert len(done) == created
        assert sorted(done.values()) == sorted(await all_emails(instance))


async def all_emails(instance: Instance) -> list[str]:
    found: list[str] = []
    while page := (await instance.customers.list(SYSTEM, CustomerQuery(limit=200, offset=len(found)))).items:
        found += [customer.email for customer in page]
    return found


HANGS = """
@after("customers.create")
def hang(self, ctx, event):
    ctx.storage.set("hangs", True)
    while True:
        pass
"""
QUICK = """
@after("customers.create")
def note(self, ctx, event):
    ctx.storage.set(event.after["name"], True)
@route("GET", "/")
def answer(self, ctx, request):
    return "here"
"""


async def test_a_plugin_that_hangs_delays_no_other_and_no_request(pool: Pool, database: Database) -> None:
    limits = RuntimeLimits(background=Limits(wall_seconds=8.0))
    async with open_instance(pool, database, limits=limits) as instance:
        await instance.attach(HANGS, grants={"customers.read"}, id="acme.hangs")
        for name in ("one", "two", "three"):
            await instance.attach(QUICK, grants={"customers.read"}, id=f"acme.{name}")
        async with instance.delivering():
            # The workers of the background are started when they are first needed; that is not what is measured.
            await make_customer(database, hooks=instance.hooks, name="first")
            await until(lambda: stored_by_all(instance, "first"))
            await until(lambda: hangs(instance))
            for number in range(5):
                started = time.monotonic()
                await make_customer(database, hooks=instance.hooks, name=f"customer {number}")
                await until(lambda number=number: stored_by_all(instance, f"customer {number}"))  # type: ignore[misc]
                assert time.monotonic() - started < 1
                assert (await instance.get(plugin="acme.one")).body == "here"
                assert time.monotonic() - started < 1
            still = [each for each in await instance.deliveries() if each.plugin_id == "acme.hangs"]
            assert len(still) == 6
            assert {each.attempts for each in still} == {0, 1}


async def hangs(instance: Instance) -> bool:
    return bool(await instance.stored("hangs", "acme.hangs"))


async def stored_by_all(instance: Instance, key: str) -> bool:
    return all([await instance.stored(key, f"acme.{name}") for name in ("one", "two", "three")])
