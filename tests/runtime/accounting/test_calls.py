"""Calls of real plugins: what is recorded of them, what is refused, what pauses."""

from dataclasses import replace
from typing import Any

import pytest

from rising_bsm.errors import Error
from rising_bsm.runtime import RuntimeLimits
from rising_bsm.runtime.accounting import ExecutionQuery, Executions, PluginPaused, QuotaExceeded
from rising_bsm.runtime.accounting.tables import PluginExecution
from rising_bsm.sandbox import Limits, Pool, SandboxError
from support.database import open_database
from support.events import open_instance as open_delivering
from support.events import until
from support.people import make_customer
from support.runtime import PLUGIN, Instance, make_plugin, open_instance

pytestmark = pytest.mark.anyio

BUSY = """
@route("GET", "/")
def look(self, ctx, request):
    ctx.storage.set("key", "value")
    return ctx.storage.get("key")

@route("GET", "/raise")
def fail(self, ctx, request):
    raise ValueError("no")

@route("GET", "/refuse")
def refuse(self, ctx, request):
    raise Refuse("Not today")

@route("GET", "/burn")
def burn(self, ctx, request):
    while True: pass
"""
HANDLES = """
@after("customers.create")
def handle(self, ctx, event):
    ctx.storage.increment("handled")
"""
BROKEN_HOOK = """
@before("customers.create")
def broken(self, ctx, draft):
    raise ValueError("no")
"""


async def records(instance: Instance, **query: Any) -> list[PluginExecution]:
    """What is kept, the oldest first."""
    await instance.runtime.accounting.tick()
    return list((await Executions(instance.database).list(PLUGIN, ExecutionQuery(**query))).items)[::-1]


async def failing(instance: Instance, path: str, times: int = 1) -> Error:
    """The last error of so many requests."""
    for _ in range(times):
        with pytest.raises(Error) as caught:
            await instance.get(path)
    return caught.value


async def test_a_record_says_what_was_asked_for_whom_and_what_it_took(instance: Instance) -> None:
    await instance.attach(BUSY)
    await instance.get()

    (record,) = await records(instance)

    assert (record.plugin_id, record.version, record.kind, record.entry) == (PLUGIN, "1.0.0", "route", "on GET /")
    assert (record.user_id, record.user_name, record.status, record.code) == (None, "system", "ok", None)
    assert (record.host_calls, record.cost) == (2, 6)
    assert 10_000 < record.fuel < 10_000_000
    assert 0 < record.host_ms < record.wall_ms
    assert record.bytes_in > 100
    assert record.bytes_out > 50


async def test_calls_that_fail_are_recorded_with_what_they_took(pool: Pool) -> None:
    limits = RuntimeLimits(call=Limits(fuel=50_000_000))
    async with open_instance(pool, limits=limits) as instance:
        await instance.attach(BUSY)
        for path in ("/raise", "/refuse", "/burn"):
            await failing(instance, path)

        raised, refused, burned = await records(instance)

    assert (raised.status, raised.code, raised.place) == ("failed", "plugin.raised", "test_plugin.py:13")
    assert (refused.status, refused.code) == ("refused", "plugin.refused")
    assert (burned.status, burned.code, burned.fuel) == ("failed", "plugin.out_of_fuel", 50_000_000)
    assert min(raised.fuel, raised.wall_ms, refused.fuel, burned.wall_ms) > 0


async def test_a_call_that_takes_too_long_is_a_timeout(pool: Pool) -> None:
    async with open_instance(pool, limits=RuntimeLimits(call=Limits(wall_seconds=0.3))) as instance:
        await instance.attach(BUSY)
        await failing(instance, "/burn")

        (record,) = await records(instance)

    assert (record.status, record.code) == ("timeout", "plugin.deadline")
    assert record.wall_ms > 250


async def test_nothing_of_a_plugin_that_was_forgotten_is_written(instance: Instance) -> None:
    await instance.attach(BUSY)
    await instance.get()

    await instance.runtime.forget(PLUGIN)

    assert await records(instance) == []


async def test_who_calls_too_often_waits(pool: Pool) -> None:
    async with open_instance(pool, limits=RuntimeLimits(calls_per_minute=2)) as instance:
        await instance.attach(BUSY)
        await instance.get()
        await instance.get()

        error = await failing(instance, "/")

        assert isinstance(error, QuotaExceeded)
        assert (error.code, len(await records(instance))) == ("plugin.quota_calls", 2)


async def test_fuel_that_failing_calls_burn_counts_too(pool: Pool) -> None:
    limits = RuntimeLimits(call=Limits(fuel=50_000_000), fuel_per_minute=40_000_000)
    async with open_instance(pool, limits=limits) as instance:
        await instance.attach(BUSY)
        assert (await failing(instance, "/burn")).code == "plugin.out_of_fuel"
        assert (await failing(instance, "/")).code == "plugin.quota_fuel"


async def test_a_plugin_that_asks_the_host_for_too_much_is_told_so(pool: Pool) -> None:
    async with open_instance(pool, limits=RuntimeLimits(cost_per_minute=5)) as instance:
        await instance.attach(BUSY)
        error = await failing(instance, "/")
        assert "has used the 5 units of host functions that it may use in a minute" in error.message
        (record,) = await records(instance)
        assert (record.status, record.cost) == ("failed", 5)


async def test_what_keeps_failing_pauses_and_the_rest_of_the_plugin_does_not(instance: Instance) -> None:
    await instance.attach(BUSY)
    assert (await failing(instance, "/raise", 5)).code == "plugin.raised"

    error = await failing(instance, "/raise")

    assert isinstance(error, PluginPaused)
    assert error.message.startswith("acme.test is not run on GET /raise until ")
    assert 25 < error.retry_after <= 30
    assert (await instance.get()).body == "value"
    assert len(await records(instance, status="failed")) == 5


async def test_refusing_is_no_failure(instance: Instance) -> None:
    await instance.attach(BUSY)
    assert (await failing(instance, "/refuse", 30)).code == "plugin.refused"


@pytest.mark.parametrize("breaker", ["monitor", "off"])
async def test_a_breaker_that_only_watches_never_blocks(instance: Instance, breaker: Any) -> None:
    instance.runtime.attach(replace(await make_plugin(instance.pool, BUSY), breaker=breaker))
    assert (await failing(instance, "/raise", 8)).code == "plugin.raised"


async def test_a_paused_hook_lets_nothing_pass(instance: Instance) -> None:
    await instance.attach(BROKEN_HOOK, grants={"customers.read"})
    for _ in range(5):
        with pytest.raises(SandboxError):
            await make_customer(instance.database, hooks=instance.hooks)

    with pytest.raises(PluginPaused) as caught:
        await make_customer(instance.database, hooks=instance.hooks)

    assert caught.value.message.startswith("acme.test is not run before customers.create until ")
    assert await instance.emails() == []


async def test_a_paused_hook_lets_everything_pass_when_an_administrator_said_so(instance: Instance) -> None:
    plugin = await make_plugin(instance.pool, BROKEN_HOOK, grants={"customers.read"})
    instance.runtime.attach(replace(plugin, open_hooks=frozenset({"customers.create"})))
    for number in range(7):
        await make_customer(instance.database, hooks=instance.hooks, email=f"c{number}@example.com")

    assert len(await instance.emails()) == 7
    assert len(await records(instance)) == 5


async def test_a_hook_over_its_quota_lets_nothing_pass(pool: Pool) -> None:
    async with open_instance(pool, limits=RuntimeLimits(calls_per_minute=1)) as instance:
        await instance.attach(
            '@before("customers.create")\ndef look(self, ctx, draft): pass', grants={"customers.read"}
        )
        await make_customer(instance.database, hooks=instance.hooks, email="first@example.com")
        with pytest.raises(QuotaExceeded):
            await make_customer(instance.database, hooks=instance.hooks)
        assert await instance.emails() == ["first@example.com"]


async def test_deliveries_over_the_quota_wait_and_that_is_no_attempt(pool: Pool) -> None:
    async with (
        open_database() as database,
        open_delivering(pool, database, limits=RuntimeLimits(calls_per_minute=2)) as instance,
    ):
        await instance.attach(HANDLES, grants={"customers.read"})
        async with instance.delivering():
            for number in range(4):
                await make_customer(database, hooks=instance.hooks, email=f"c{number}@example.com")

            async def two_are_left() -> bool:
                waiting = await instance.deliveries()
                return len(waiting) == 2 and all(each.attempts == 0 for each in waiting)

            await until(two_are_left)

        assert [each.attempts for each in await instance.deliveries()] == [0, 0]
        assert await instance.stored("handled") == 2
