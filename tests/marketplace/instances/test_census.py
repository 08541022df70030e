"""Installs are counted where they are alive, and nowhere else."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rising_bsm.marketplace.instances.tables import LiveInstall
from support.database import open_database
from support.market import make_market_plugin, make_market_version, stored_plugin
from support.selling import PLUGIN, Shop, ThatInstance, at_once, plugin_report
from support.travel import START, at

pytestmark = pytest.mark.anyio
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def installs(shop: Shop, plugin_id: str = PLUGIN) -> int:
    """What the catalogue shows."""
    return (await stored_plugin(shop.database, plugin_id)).installs


async def test_live_installs_are_counted_for_free_plugins_too(each_shop: Shop) -> None:
    await make_market_plugin(each_shop.database, "acme.free", pricing="free")
    await make_market_version(each_shop.database, "acme.free", "2.0.0")
    await make_market_version(each_shop.database, PLUGIN, "1.1.0")
    crowd = [ThatInstance() for _ in range(3)]
    for one, version in zip(crowd, ("1.0.0", "1.1.0", "1.1.0"), strict=True):
        await each_shop.beat(one, plugins=[plugin_report(version=version), plugin_report("acme.free", "2.0.0")])

    assert await installs(each_shop) == await installs(each_shop, "acme.free") == 3
    found = await each_shop.selling.census.of(PLUGIN)
    assert found == {"installs": 3, "versions": {"1.0.0": 1, "1.1.0": 2}, "crash_free": None}


async def test_hearing_of_an_install_again_changes_nothing(shop: Shop) -> None:
    one = ThatInstance()
    for _ in range(3):
        await shop.beat(one, plugins=[plugin_report()])
    assert await installs(shop) == 1


async def test_what_is_uninstalled_is_not_counted(each_shop: Shop) -> None:
    one, two = ThatInstance(), ThatInstance()
    for instance in (one, two):
        await each_shop.beat(instance, plugins=[plugin_report()])
    await each_shop.beat(one, plugins=[])
    assert await installs(each_shop) == 1
    assert (await each_shop.selling.census.of(PLUGIN))["installs"] == 1


async def test_a_partial_report_takes_nothing_away(shop: Shop) -> None:
    one = ThatInstance()
    await shop.beat(one, plugins=[plugin_report()])
    await shop.ask(one, "heartbeat", plugins=[], partial=True)
    assert await installs(shop) == 1


async def test_instances_that_fell_silent_are_not_counted(each_shop: Shop) -> None:
    one, two = ThatInstance(), ThatInstance()
    with at(START):
        await each_shop.beat(one, plugins=[plugin_report()])
    with at(START + DAY):
        await each_shop.beat(two, plugins=[plugin_report()])
        assert await installs(each_shop) == 2
    with at(START + 3 * DAY):
        assert (await each_shop.selling.census.of(PLUGIN))["installs"] == 1
        await each_shop.beat(ThatInstance())  # once an hour everything is counted
        assert await installs(each_shop) == 1
        await each_shop.beat(one, plugins=[plugin_report()])
        assert await installs(each_shop) == 2


async def test_what_the_catalogue_does_not_have_is_not_written_down(shop: Shop) -> None:
    secret = [plugin_report("own.private"), plugin_report(version="9.9.9")]
    await shop.beat(ThatInstance(), plugins=secret)
    async with shop.database.reading() as session:
        assert (await session.scalars(select(LiveInstall))).all() == []


async def test_being_counted_is_no_change_of_the_plugin(shop: Shop) -> None:
    before = await stored_plugin(shop.database)
    await shop.beat(ThatInstance(), plugins=[plugin_report()])
    assert (await stored_plugin(shop.database)).updated_at == before.updated_at


async def test_many_instances_at_once_are_all_counted(each_shop: Shop) -> None:
    await make_market_plugin(each_shop.database, "acme.free", pricing="free")
    await make_market_version(each_shop.database, "acme.free")
    reports = [plugin_report(), plugin_report("acme.free")]
    orders = [reports[:: 1 if at_ % 2 else -1] for at_ in range(12)]
    callers = [await each_shop.admitted(ThatInstance(), "heartbeat", plugins=some) for some in orders]
    answers = await at_once(each_shop, callers, lambda selling: selling.heartbeats.beat)
    assert not any(isinstance(answer, BaseException) for answer in answers)
    assert await installs(each_shop) == await installs(each_shop, "acme.free") == 12


async def test_one_instance_that_reports_twice_at_once_is_counted_once(each_shop: Shop) -> None:
    one = ThatInstance()
    callers = [await each_shop.admitted(one, "heartbeat", plugins=[plugin_report()]) for _ in range(6)]
    answers = await at_once(each_shop, callers, lambda selling: selling.heartbeats.beat)
    assert not any(isinstance(answer, BaseException) for answer in answers)
    assert await installs(each_shop) == 1


@pytest.mark.parametrize(
    ("reports", "crash_free"),
    [
        ([(100, 0)], 1.0),
        ([(100, 5)], 0.95),
        ([(100, 0), (300, 4)], 0.99),
        ([(10, 99)], 0.0),
        ([(0, 0)], None),
        ([(0, 7)], None),
        # One that says to have crashed a milliard times weighs no more than a thousand calls.
        ([(1000, 0), (10**9, 10**9)], 0.5),
    ],
)
async def test_the_rate_of_calls_without_a_crash(shop: Shop, reports: Any, crash_free: float | None) -> None:
    for calls, crashes in reports:
        await shop.beat(ThatInstance(), plugins=[plugin_report(calls=calls, crashes=crashes)])
    assert (await shop.selling.census.of(PLUGIN))["crash_free"] == crash_free


@settings(max_examples=6, deadline=None)
@given(days=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.booleans()), max_size=8))
async def test_the_count_is_always_that_of_the_instances_heard_of_lately(days: list[tuple[int, int, bool]]) -> None:
    async with open_database() as database:
        shop = await Shop(database).stocked()
        crowd, heard = [ThatInstance() for _ in range(4)], dict[int, int]()
        for which, hours, installed in sorted(days, key=lambda one: one[1]):
            with at(START + hours * 6 * HOUR):
                await shop.beat(crowd[which], plugins=[plugin_report()] if installed else [])
            heard.pop(which, None)
            heard |= {which: hours} if installed else {}
        with at(START + 40 * 6 * HOUR):
            await shop.selling.census.recount()
            expected = sum((40 - hours) * 6 < 72 for hours in heard.values())
            assert await installs(shop) == expected == (await shop.selling.census.of(PLUGIN))["installs"]
