"""One trial for each plugin and instance, from the first time on."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from rising_bsm.errors import Conflict
from rising_bsm.marketplace.licences.tables import SoldLicence
from support.market import make_market_plugin
from support.selling import PLUGIN, Shop, ThatInstance, at_once
from support.travel import START, at

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def test_a_trial_lasts_as_long_as_the_plugin_says(each_shop: Shop) -> None:
    one = ThatInstance()
    with at(START):
        licence = one.opened(await each_shop.ask(one, "trial", plugin=PLUGIN))
    assert (licence.type, licence.expires_at, licence.max_installs) == ("trial", START + 14 * DAY, 1)

    with at(START + 13 * DAY):
        again = one.opened(await each_shop.ask(one, "trial", plugin=PLUGIN))
    assert (again.id, again.expires_at) == (licence.id, licence.expires_at)


async def test_there_is_no_second_trial(shop: Shop) -> None:
    one = ThatInstance()
    with at(START):
        first = one.opened(await shop.ask(one, "trial", plugin=PLUGIN))
        await shop.ask(one, "release", license=str(first.id))
    with at(START + 14 * DAY):
        with pytest.raises(Conflict) as refusal:
            await shop.ask(one, "trial", plugin=PLUGIN)
        assert refusal.value.code == "license.trial_used"
        (told,) = (await shop.beat(one, first.id))["licenses"]
        assert told["code"] == "EXPIRED"
        await shop.ask(ThatInstance(), "trial", plugin=PLUGIN)


async def test_a_trial_that_was_given_back_goes_on_until_its_end(shop: Shop) -> None:
    one = ThatInstance()
    with at(START):
        first = one.opened(await shop.ask(one, "trial", plugin=PLUGIN))
        await shop.ask(one, "release", license=str(first.id))
    with at(START + DAY):
        assert one.opened(await shop.ask(one, "trial", plugin=PLUGIN)).expires_at == START + 14 * DAY


async def test_asking_many_times_at_once_begins_one_trial(each_shop: Shop) -> None:
    one = ThatInstance()
    callers = [await each_shop.admitted(one, "trial", plugin=PLUGIN) for _ in range(8)]

    results = await at_once(each_shop, callers, lambda selling: selling.leases.trial)

    assert len({one.opened(result).id for result in results}) == 1
    async with each_shop.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SoldLicence)) == 1


@pytest.mark.parametrize(
    ("plugin_id", "columns"),
    [
        ("acme.free", {"pricing": "free"}),
        ("acme.dear", {"trial_days": 0}),
        ("acme.hidden", {"listed": False}),
        ("acme.missing", None),
    ],
)
async def test_not_everything_is_for_trial(shop: Shop, plugin_id: str, columns: dict[str, object] | None) -> None:
    if columns is not None:
        await make_market_plugin(shop.database, plugin_id, **columns)
    with pytest.raises(Conflict) as refusal:
        await shop.ask(ThatInstance(), "trial", plugin=plugin_id)
    assert refusal.value.code == "license.no_trial"


async def test_a_trial_of_one_instance_is_of_no_use_to_another(shop: Shop) -> None:
    one, thief = ThatInstance(), ThatInstance()
    trial = one.opened(await shop.ask(one, "trial", plugin=PLUGIN))
    (told,) = (await shop.beat(thief, trial.id))["licenses"]
    assert told["code"] == "NOT_FOUND"
