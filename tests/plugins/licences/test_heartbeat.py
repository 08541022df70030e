from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from rising_bsm.errors import Error, Failed
from rising_bsm.licensing import LicenceType, Licensed
from rising_bsm.plugins.licences.heartbeat import Advisory
from rising_bsm.plugins.licences.shelf import Received, Shelf
from support.licences import PLUGIN, Holder, make_holder

pytestmark = pytest.mark.anyio


async def activated(holder: Holder, plugin: str = PLUGIN, **sold: Any) -> str:
    key = holder.market.sell(plugin, **sold)
    await holder.held.activate(plugin, key)
    return key


async def test_a_heartbeat_renews_every_licence(each: Holder) -> None:
    for plugin in (PLUGIN, "acme.other"):
        await activated(each, plugin)
    each.both(hours=23)

    beat = await each.held.beat()

    assert (sorted(beat.renewed), dict(beat.refused)) == (["acme.other", PLUGIN], {})
    assert [await each.state(), await each.state("acme.other")] == ["ok", "ok"]
    each.both(hours=11)
    assert await each.state() == "ok"


async def test_a_heartbeat_every_hour_keeps_a_licence_for_ever(holder: Holder) -> None:
    await activated(holder)
    for _ in range(60):
        holder.both(hours=23)
        await holder.held.beat()
        assert await holder.state() == "ok"


async def test_nothing_is_said_when_there_is_nothing_to_say(holder: Holder) -> None:
    assert (await holder.held.beat()).renewed == []
    assert holder.market.asked == []


async def test_what_runs_here_is_reported(holder: Holder) -> None:
    holder.plugins = [{"id": "acme.free", "version": "1.0.0", "state": "active", "calls": 5, "crashes": 1}]

    await holder.held.beat()

    assert holder.market.asked[0].fields == {"plugins": holder.plugins, "licenses": []}


async def test_much_is_said_in_several_requests(holder: Holder) -> None:
    holder.plugins = [{"id": f"acme.p{number}"} for number in range(501)]

    await holder.held.beat()

    assert [len(request.fields["plugins"]) for request in holder.market.asked] == [500, 1]
    assert all(request.fields["partial"] for request in holder.market.asked)


async def test_a_marketplace_that_is_away_changes_nothing(holder: Holder) -> None:
    await activated(holder)
    holder.market.reachable = False
    holder.both(hours=30)

    with pytest.raises(Error) as caught:
        await holder.held.beat()

    assert caught.value.code == "market.unreachable"
    assert await holder.state() == "grace"
    holder.market.reachable = True
    await holder.held.beat()
    assert await holder.state() == "ok"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("SUSPENDED", "stopped"),
        ("BANNED", "stopped"),
        ("NO_MACHINE", "restricted"),
        ("TOO_MANY_MACHINES", "restricted"),
        ("WHATEVER_COMES_LATER", "restricted"),
    ],
)
async def test_a_refusal_takes_effect_within_one_heartbeat_and_ends_with_another(
    holder: Holder, code: str, state: str
) -> None:
    sold = holder.market.of(await activated(holder))
    sold.refused = code

    beat = await holder.held.beat()

    found = await holder.held.standing_of(PLUGIN)
    assert found is not None
    assert (dict(beat.refused), found.state.value, found.code) == ({PLUGIN: code}, state, code)
    sold.refused = None
    await holder.held.beat()
    assert await holder.state() == "ok"


async def test_another_process_learns_of_a_refusal(each: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_holder(each.database, each.market, time=each.time)
    sold = each.market.of(await activated(each))
    assert await other.state() == "ok"
    sold.refused = "BANNED"
    await each.held.beat()

    monkeypatch.setattr("rising_bsm.plugins.licences.memory.REMEMBERED_SECONDS", -1)

    assert await other.state() == "stopped"


async def test_one_bad_file_does_not_spoil_the_others(holder: Holder) -> None:
    bad, good = holder.market.of(await activated(holder)), await activated(holder, "acme.other")
    bad.plugin = "acme.third"
    holder.both(hours=23)

    beat = await holder.held.beat()

    assert (beat.renewed, holder.market.of(good).seats != set()) == (["acme.other"], True)
    assert [await holder.state(), await holder.state("acme.other")] == ["renew_due", "ok"]


async def test_the_answer_to_an_older_heartbeat_renews_nothing(holder: Holder) -> None:
    sold = holder.market.of(await activated(holder))
    first = (await holder.held.all())[0][0].licence
    file = holder.market.file(sold, str(holder.market.asked[0].instance), first.nonce)
    holder.market.replay = {"licenses": [{"id": str(sold.id), "license": file}]}
    holder.both(hours=30)

    assert (await holder.held.beat()).renewed == []
    assert await holder.state() == "grace"


async def test_files_of_licences_that_were_not_asked_for_are_left_alone(holder: Holder) -> None:
    await activated(holder)
    holder.market.replay = {"licenses": [{"id": "another", "code": "BANNED"}, {"id": "another", "license": {}}]}

    await holder.held.beat()

    assert await holder.state() == "ok"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        "x",
        {"licenses": {}},
        {"licenses": [1]},
        {"licenses": [{"id": "1", "code": "<script>"}]},
        {"advisories": [{"plugin": "acme.test", "version": "1", "kind": "deleted"}]},
        {"advisories": [{"plugin": "x" * 100, "version": "1", "kind": "revoked"}]},
    ],
)
async def test_an_answer_that_is_none_changes_nothing(holder: Holder, answer: Any) -> None:
    await activated(holder)
    holder.market.replay = answer

    with pytest.raises(Error) as caught:
        await holder.held.beat()

    assert caught.value.code == "license.strange_answer"
    assert await holder.state() == "ok"


async def test_advisories_are_handed_on_and_one_listener_disturbs_no_other(holder: Holder) -> None:
    heard: list[Advisory] = []

    async def fails(_advisories: Sequence[Advisory]) -> None:
        raise Failed("This one does not work.")

    async def listens(advisories: Sequence[Advisory]) -> None:
        heard.extend(advisories)

    holder.held.advised += [fails, listens]
    holder.plugins = [{"id": PLUGIN}]
    said = {"plugin": PLUGIN, "version": "1.0.0", "kind": "revoked", "reason": "It sends data away."}
    holder.market.advisories = [said]

    await holder.held.beat()

    assert [advisory.model_dump() for advisory in heard] == [said]


async def test_a_plugin_is_told_when_its_licence_has_changed_and_only_then(holder: Holder) -> None:
    told: list[str] = []

    async def tell(plugin_id: str) -> None:
        told.append(plugin_id)

    async def fails(_plugin_id: str) -> None:
        raise Failed("The plugin is broken.")

    holder.held.verified += [fails, tell]
    sold = holder.market.of(await activated(holder))
    assert told == [PLUGIN]
    holder.both(hours=1)
    await holder.held.beat()
    assert told == [PLUGIN]

    sold.type = LicenceType.PREMIUM
    await holder.held.beat()
    sold.entitlements = ("reports",)
    await holder.held.beat()
    sold.limits = {"customers": 7}
    await holder.held.beat()
    sold.refused = "SUSPENDED"
    await holder.held.beat()
    await holder.held.beat()
    sold.refused = None
    await holder.held.beat()

    assert told == [PLUGIN] * 6


async def test_an_upgrade_arrives_with_the_next_heartbeat(holder: Holder) -> None:
    sold = holder.market.of(await activated(holder, expires_at=None))
    sold.expires_at = holder.market.time.now + timedelta(days=10)

    await holder.held.beat()

    found = await holder.held.standing_of(PLUGIN)
    assert found is not None
    assert found.days_left == 10


async def test_administrators_are_told_once_of_each_state_that_needs_them(holder: Holder) -> None:
    told: list[str] = []

    async def hear(licensed: Licensed) -> None:
        told.append(licensed.standing.state.value)

    holder.held.warned.append(hear)
    await activated(holder)
    holder.market.reachable = False
    for hours in (1, 12, 13, 1, 24, 7 * 24, 24, 30 * 24, 24):
        holder.both(hours=hours)
        with pytest.raises(Error):
            await holder.held.beat()
    assert told == ["grace", "restricted", "stopped"]

    holder.market.reachable = True
    await holder.held.beat()
    holder.market.reachable = False
    holder.both(hours=25)
    with pytest.raises(Error):
        await holder.held.beat()
    assert told == ["grace", "restricted", "stopped", "grace"]


async def test_an_older_file_does_not_take_the_place_of_a_newer_one(holder: Holder) -> None:
    sold = holder.market.of(await activated(holder))
    shelf = Shelf(holder.database, make_holder(holder.database).held._shelf._identity)
    newest = (await holder.held.all())[0][0].licence
    file = holder.market.file(sold, newest.instance, newest.nonce)
    older = newest.model_copy(update={"seq": newest.seq - 1})

    assert not await shelf.renew(Received(older, file, holder.market.key.public_key, holder.time.now))
    assert not await shelf.renew(Received(newest, file, holder.market.key.public_key, holder.time.now))


async def test_a_file_of_another_licence_renews_nothing(holder: Holder) -> None:
    sold = holder.market.of(await activated(holder))
    other = replace(sold, id=uuid4(), type=LicenceType.ENTERPRISE)
    true_file = holder.market.file
    holder.market.file = lambda _sold, who, nonce: true_file(other, who, nonce)  # type: ignore[method-assign]

    assert (await holder.held.beat()).renewed == []
    licence = await holder.held.licence_of(PLUGIN)
    assert licence is not None
    assert (licence.id, licence.type) == (sold.id, LicenceType.BASIC)
