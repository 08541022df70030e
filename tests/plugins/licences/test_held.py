import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from rising_bsm.errors import Error
from rising_bsm.licensing import LicenceKey, LicenceType, sign_licence
from rising_bsm.plugins.licences.held import HeldLicences
from support.bundles import make_key
from support.licences import PLUGIN, Holder, LicenceMarket, Time, make_holder, make_licence

pytestmark = pytest.mark.anyio


async def refused(call: Any) -> str:
    with pytest.raises(Error) as caught:
        await call
    return caught.value.code


async def test_a_key_is_activated_and_the_licence_held(each: Holder) -> None:
    key = each.market.sell(entitlements=("reports",), limits={"customers": 50}, max_installs=2)

    licensed = await each.held.activate(PLUGIN, f"  {key.lower()} ")

    assert (licensed.licence.plugin, licensed.licence.type) == (PLUGIN, LicenceType.BASIC)
    assert (licensed.licence.entitlements, licensed.licence.limits) == (("reports",), {"customers": 50})
    assert await each.state() == "ok"
    assert [(one.licence.plugin, hint) for one, hint in await each.held.all()] == [(PLUGIN, key[-5:])]


async def test_nobody_reads_the_key_out_of_the_database(holder: Holder) -> None:
    key = holder.market.sell()
    await holder.held.activate(PLUGIN, key)

    async with holder.database.reading() as session:
        assert key not in str((await session.execute(text("SELECT * FROM held_licences"))).all())


async def test_a_licence_that_is_held_is_activated_again_without_its_key(holder: Holder) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())

    await holder.held.activate(PLUGIN)

    assert len({request.fields["key"] for request in holder.market.asked}) == 1


@pytest.mark.parametrize("plugin", [PLUGIN, "acme.other"])
async def test_without_a_licence_there_is_none(holder: Holder, plugin: str) -> None:
    assert await holder.held.standing_of(plugin) is None
    assert await holder.held.licence_of(plugin) is None
    assert await refused(holder.held.release(plugin)) == "license.none"
    assert await refused(holder.held.activate(plugin)) == "license.none"


async def test_a_trial_has_no_key_and_an_end(holder: Holder) -> None:
    licensed = await holder.held.trial(PLUGIN)

    assert (licensed.licence.type, licensed.standing.days_left) == (LicenceType.TRIAL, 14)
    assert await refused(holder.held.activate(PLUGIN)) == "license.none"


@pytest.mark.parametrize("key", ["", "RBSM", "RBSM-00000-00000-00000-00000-00001"])
async def test_a_mistyped_key_is_not_sent(holder: Holder, key: str) -> None:
    assert await refused(holder.held.activate(PLUGIN, key)) == "license.invalid_key"
    assert holder.market.asked == []


async def test_what_the_marketplace_refuses_is_said_and_leaves_nothing(holder: Holder) -> None:
    assert await refused(holder.held.activate(PLUGIN, LicenceKey.new().text)) == "license.not_found"
    assert await refused(holder.held.activate("acme.other", holder.market.sell())) == "license.not_found"
    assert await holder.held.all() == []


async def test_a_better_licence_takes_the_place_of_the_old_one_and_gives_its_seat_back(each: Holder) -> None:
    old, new = each.market.sell(), each.market.sell(type=LicenceType.PREMIUM)
    await each.held.activate(PLUGIN, old)

    await each.held.activate(PLUGIN, new)

    assert [one.licence.type for one, _ in await each.held.all()] == [LicenceType.PREMIUM]
    assert (each.market.of(old).seats, len(each.market.of(new).seats)) == (set(), 1)


async def test_a_released_licence_is_gone_and_its_seat_free(each: Holder) -> None:
    key = each.market.sell()
    await each.held.activate(PLUGIN, key)

    await each.held.release(PLUGIN)

    assert await each.state() is None
    assert each.market.of(key).seats == set()


async def test_a_seat_that_is_gone_already_can_be_released(holder: Holder) -> None:
    key = holder.market.sell()
    await holder.held.activate(PLUGIN, key)
    holder.market.of(key).seats.clear()

    await holder.held.release(PLUGIN)

    assert await holder.state() is None


async def test_what_could_not_be_released_is_still_held(holder: Holder) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())
    holder.market.reachable = False

    assert await refused(holder.held.release(PLUGIN)) == "market.unreachable"
    assert await holder.state() == "ok"


async def test_many_at_once_hold_one_licence(each: Holder) -> None:
    key = each.market.sell()
    processes = [make_holder(each.database, each.market, time=each.time).held for _ in range(4)]

    answers = await asyncio.gather(*(one.activate(PLUGIN, key) for one in processes), return_exceptions=True)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert len(await each.held.all()) == 1


async def test_another_process_knows_what_one_has_done(each: Holder) -> None:
    key = each.market.sell()
    other = make_holder(each.database, each.market, time=each.time)

    await each.held.activate(PLUGIN, key)

    assert await other.state() == "ok"


async def test_asking_again_asks_nobody(holder: Holder) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())
    first = await holder.held.find(PLUGIN)

    assert await holder.held.find(PLUGIN) is first


async def test_states_pass_without_anybody_doing_anything(holder: Holder) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())
    states = []
    for hours in (0, 13, 12, 7 * 24, 30 * 24):
        holder.time.passes(hours=hours)
        states.append(await holder.state())

    assert states == ["ok", "renew_due", "grace", "restricted", "stopped"]


async def test_setting_the_clock_back_wins_nothing_after_a_restart_either(each: Holder) -> None:
    await each.held.activate(PLUGIN, each.market.sell())
    each.market.reachable = False
    each.time.passes(days=20)
    assert await refused(each.held.beat()) == "market.unreachable"
    each.time.passes(days=-20)

    assert await make_holder(each.database, each.market, time=each.time).state() == "restricted"


async def test_setting_the_clock_back_wins_nothing_before_a_heartbeat_either(holder: Holder) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())
    holder.time.passes(days=20)
    assert await holder.state() == "restricted"

    holder.time.passes(days=-20)

    assert await holder.state() == "restricted"


@pytest.mark.parametrize("wrong", [timedelta(days=-4_000), timedelta(days=-2), timedelta(days=2), timedelta(days=900)])
async def test_a_clock_that_is_wrong_all_the_time_harms_nobody(holder: Holder, wrong: timedelta) -> None:
    market = LicenceMarket()
    holder = make_holder(holder.database, market, time=Time(market.time.now + wrong))
    await holder.held.activate(PLUGIN, market.sell())

    assert await holder.state() == "ok"
    holder.both(hours=1)
    await holder.held.beat()
    assert await holder.state() == "ok"
    holder.both(days=3)
    assert await holder.state() == "grace"


async def test_a_licence_of_another_instance_that_was_copied_is_of_no_use(holder: Holder) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())
    async with holder.database.transaction() as session:
        await session.execute(text("DELETE FROM instance_identity"))

    assert await make_holder(holder.database, holder.market, time=holder.time).state() is None


async def test_a_licence_that_was_changed_in_the_database_is_of_no_use(holder: Holder) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())
    async with holder.database.transaction() as session:
        await session.execute(text("UPDATE held_licences SET plugin_id = 'acme.other'"))

    assert await make_holder(holder.database, holder.market, time=holder.time).state("acme.other") is None


async def test_a_file_that_answers_an_older_question_is_not_taken(holder: Holder) -> None:
    key = holder.market.sell()
    await holder.held.activate(PLUGIN, key)
    public = str(holder.market.asked[0].instance)
    old = holder.market.file(holder.market.of(key), public, "the-nonce-of-last-year")
    holder.market.replay = {"license": old}

    assert await refused(holder.held.activate(PLUGIN, key)) == "license.replayed"


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"license": None}, {"license": {}}, {"license": []}])
async def test_an_answer_that_is_none_is_refused(holder: Holder, answer: Any) -> None:
    holder.market.replay = [] if answer is None else answer
    code = await refused(holder.held.activate(PLUGIN, holder.market.sell()))

    assert code in ("license.strange_answer", "license.bad_document")
    assert await holder.held.all() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"plugin": "acme.other"}, "license.other_plugin"),
        ({"instance": str(make_key(9).public_key)}, "license.other_instance"),
    ],
)
async def test_a_licence_for_somebody_else_is_refused(holder: Holder, changes: dict[str, Any], code: str) -> None:
    key = holder.market.sell()
    await holder.held.activate(PLUGIN, key)
    mine = {"instance": str(holder.market.asked[0].instance)}
    holder.market.replay = {"license": sign_licence(make_licence(**(mine | changes)), holder.market.key)}

    assert await refused(holder.held.activate(PLUGIN, key)) == code


async def test_a_licence_that_another_key_signed_is_refused(holder: Holder) -> None:
    key = holder.market.sell()
    holder.market.key = make_key(9)
    keys = holder.held

    async def trusted() -> Any:
        return [make_key(8).public_key]

    keys._asking._licence_keys = trusted
    assert await refused(keys.activate(PLUGIN, key)) == "license.bad_document"


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, False),
        ({"machine": "2"}, False),
        ({"url": "2"}, False),
        ({"machine": "2", "url": "2"}, True),
        ({"machine": "2", "url": "2", "data": "2"}, True),
    ],
)
async def test_that_an_instance_has_moved_is_a_warning_and_nothing_more(
    holder: Holder, changes: dict[str, str], warned: bool
) -> None:
    await holder.held.activate(PLUGIN, holder.market.sell())
    holder.about = replace(holder.about, surroundings={**holder.about.surroundings, **changes})
    await holder.held.beat()

    found = await holder.held.standing_of(PLUGIN)

    assert found is not None
    assert (found.state.value, bool(found.warnings)) == ("ok", warned)
    await holder.held.activate(PLUGIN)
    assert (await holder.held.all())[0][0].standing.warnings == ()


def test_what_holds_licences_is_what_it_says() -> None:
    public = {name for name in vars(HeldLicences) if not name.startswith("_")}

    assert public == {"activate", "trial", "release", "find", "standing_of", "licence_of", "all", "beat"}
