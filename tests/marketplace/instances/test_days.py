"""What a plugin had on each day is known for a while."""

from datetime import timedelta

import pytest

from rising_bsm.marketplace.instances.days import KEPT
from support.selling import PLUGIN, Shop, ThatInstance, plugin_report
from support.travel import START, at

pytestmark = pytest.mark.anyio


async def test_the_last_count_of_a_day_stays(each_shop: Shop) -> None:
    selling = each_shop.selling
    with at(START):
        await each_shop.beat(ThatInstance(), plugins=[plugin_report()])
        await selling.census.recount()
        await each_shop.beat(ThatInstance(), plugins=[plugin_report()])
        await selling.census.recount()
    with at(START + timedelta(days=1)):
        await each_shop.beat(ThatInstance(), plugins=[plugin_report()])
        await selling.census.recount()
    days = await selling.days.of(PLUGIN)
    assert [(installs, downloads) for _, installs, downloads in days] == [(2, 0), (3, 0)]
    assert days[1][0] - days[0][0] == timedelta(days=1)
    assert await selling.days.of("acme.other") == []


async def test_what_is_long_over_is_forgotten(shop: Shop) -> None:
    with at(START):
        await shop.beat(ThatInstance(), plugins=[plugin_report()])
    later = START + KEPT + timedelta(days=1)
    with at(later):
        await shop.beat(ThatInstance(), plugins=[plugin_report()])
        await shop.selling.census.recount()
    assert [day for day, _, _ in await shop.selling.days.of(PLUGIN)] == [later.date()]


async def test_what_nobody_uses_has_no_days(shop: Shop) -> None:
    await shop.selling.census.recount()
    assert await shop.selling.days.of(PLUGIN) == []
