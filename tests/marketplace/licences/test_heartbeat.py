"""A heartbeat renews licences, or says by name why it does not."""

from datetime import timedelta
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import iso
from rising_bsm.errors import InvalidInput
from rising_bsm.licensing.documents import INSTANCE_REQUEST, seal
from rising_bsm.licensing.licence import LEASE
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.instances.errors import Replayed
from rising_bsm.marketplace.licences.schema import Heartbeat
from support.market import make_market_version
from support.selling import NONCE, PLUGIN, Shop, ThatInstance, plugin_report
from support.travel import START, at

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def test_a_heartbeat_brings_a_fresh_licence_for_another_day(each_shop: Shop) -> None:
    one = ThatInstance()
    with at(START):
        sold = await each_shop.sell(expires_at="2027-01-01T00:00:00+01:00")
        first = await each_shop.activate(one, sold)
    with at(START + DAY):
        answer = await each_shop.beat(one, sold.licence.id)

    fresh = one.opened(answer["licenses"][0]["license"])
    assert answer["time"] == iso(START + DAY)
    assert (fresh.issued_at, fresh.valid_until) == (START + DAY, START + DAY + LEASE)
    assert (fresh.nonce, fresh.seq) == (NONCE, one.seq)
    assert fresh.seq > first.seq
    assert fresh.expires_at is not None
    assert iso(fresh.expires_at) == "2026-12-31T23:00:00.000000Z"


async def test_what_sellers_decide_is_said_by_name(shop: Shop) -> None:
    one, sales = ThatInstance(), shop.selling.sales
    with at(START):
        sold = await shop.sell()
        await shop.activate(one, sold)
    with at(START + DAY):
        await sales.suspend(SYSTEM, sold.licence.id, {"reason": "The invoice is open."})
        (told,) = (await shop.beat(one, sold.licence.id))["licenses"]
        assert (told["code"], "invoice is open" in told["message"]) == ("SUSPENDED", True)
        await sales.resume(SYSTEM, sold.licence.id)
        assert await shop.said_of(one, sold) == "VALID"
        await sales.renew(SYSTEM, sold.licence.id, {"expires_at": iso(START + 2 * DAY)})
    with at(START + 2 * DAY):
        assert await shop.said_of(one, sold) == "EXPIRED"
        await sales.renew(SYSTEM, sold.licence.id, {"expires_at": None})
        assert await shop.said_of(one, sold) == "VALID"
        await sales.revoke(SYSTEM, sold.licence.id, {"reason": "A chargeback."})
        assert await shop.said_of(one, sold) == "BANNED"


async def test_what_was_upgraded_comes_with_the_next_heartbeat(shop: Shop) -> None:
    one, sold = ThatInstance(), await shop.sell(limits={"customers": 10})
    await shop.activate(one, sold)
    changes = {"type": "enterprise", "limits": {"customers": 99}, "entitlements": ["export"], "max_installs": 4}
    await shop.selling.sales.upgrade(SYSTEM, sold.licence.id, changes)

    fresh = one.opened((await shop.beat(one, sold.licence.id))["licenses"][0]["license"])

    assert (fresh.type, fresh.limits, fresh.entitlements) == ("enterprise", {"customers": 99}, ("export",))
    assert fresh.max_installs == 4


async def test_when_there_are_fewer_seats_those_who_came_last_go(shop: Shop) -> None:
    crowd = [ThatInstance() for _ in range(3)]
    with at(START):
        sold = await shop.sell(max_installs=3)
    for hour, one in enumerate(crowd):
        with at(START + timedelta(hours=hour)):
            await shop.activate(one, sold)
    with at(START + DAY):
        await shop.selling.sales.upgrade(SYSTEM, sold.licence.id, {"max_installs": 1})
        assert [await shop.said_of(one, sold) for one in crowd] == ["VALID"] + ["TOO_MANY_MACHINES"] * 2
    with at(START + 3 * DAY):
        await shop.ask(crowd[0], "release", license=str(sold.licence.id))
        assert [await shop.said_of(one, sold) for one in crowd] == ["NO_MACHINE", "VALID", "TOO_MANY_MACHINES"]


async def test_the_licence_of_another_instance_is_not_there(shop: Shop) -> None:
    one, thief, sold = ThatInstance(), ThatInstance(), await shop.sell()
    await shop.activate(one, sold)

    assert await shop.said_of(thief, sold) == "NOT_FOUND"
    (unknown,) = (await shop.beat(thief, "00000000-0000-7000-8000-000000000000"))["licenses"]
    (foreign,) = (await shop.beat(thief, sold.licence.id))["licenses"]
    assert {**unknown, "id": ""} == {**foreign, "id": ""}


async def test_several_licences_are_answered_each_for_itself(shop: Shop) -> None:
    one, many = ThatInstance(), [await shop.sell() for _ in range(3)]
    for sold in many:
        await shop.activate(one, sold)
    await shop.selling.sales.suspend(SYSTEM, many[1].licence.id, {"reason": "Not paid."})

    told = (await shop.beat(one, *(sold.licence.id for sold in many)))["licenses"]

    assert [entry["id"] for entry in told] == [str(sold.licence.id) for sold in many]
    assert [entry.get("code") for entry in told] == [None, "SUSPENDED", None]
    assert one.opened(told[2]["license"]).id == many[2].licence.id


async def test_a_request_is_taken_once(each_shop: Shop) -> None:
    one, sold = ThatInstance(), await each_shop.sell()
    request = one.sign("activate", {"plugin": PLUGIN, "key": sold.key.text})
    await each_shop.answer(request, "activate")
    for again in (request, one.sign("heartbeat", {}, seq=1)):
        with pytest.raises(Replayed):
            await each_shop.answer(again, "activate" if again is request else "heartbeat")


async def test_a_request_that_failed_cannot_be_sent_again(shop: Shop) -> None:
    holder, one, sold = ThatInstance(), ThatInstance(), await shop.sell()
    await shop.activate(holder, sold)
    request = one.sign("activate", {"plugin": PLUGIN, "key": sold.key.text})
    with pytest.raises(Exception, match="in use"):
        await shop.answer(request, "activate")
    await shop.ask(holder, "release", license=str(sold.licence.id))

    with pytest.raises(Replayed):
        await shop.answer(request, "activate")


def _as_another(request: dict[str, Any]) -> object:
    other = ThatInstance()
    return request | {"signatures": other.sign("heartbeat", {})["signatures"]}


def _named_as_another(_: dict[str, Any]) -> object:
    thief, victim = ThatInstance(), ThatInstance()
    payload = {"action": "heartbeat", "instance": victim.key, "seq": 5, "fields": {}}
    known = {"time": "2026-01-01T00:00:00.000000Z", "wrap_key": "A" * 43 + "="}
    return seal(payload | known, thief.signing, INSTANCE_REQUEST)


@pytest.mark.parametrize(
    "forge",
    [
        _as_another,
        _named_as_another,
        lambda request: request | {"payload": request["payload"][:-8] + "AAAAAAA="},
        lambda request: request | {"payloadType": "application/vnd.rbsm.license.v1+json"},
        lambda request: request | {"signatures": []},
        lambda request: request | {"extra": 1},
        lambda request: [request],
        lambda _: None,
        lambda _: "heartbeat",
    ],
)
async def test_what_no_instance_has_signed_is_refused(shop: Shop, forge: Any) -> None:
    one = ThatInstance()
    with pytest.raises(InvalidInput) as refusal:
        await shop.answer(forge(one.sign("heartbeat", {})), "heartbeat")
    assert refusal.value.code == "license.bad_document"
    await shop.beat(one)


async def test_a_request_for_one_thing_is_not_good_for_another(shop: Shop) -> None:
    one, sold = ThatInstance(), await shop.sell()
    await shop.activate(one, sold)
    beat = one.sign("heartbeat", {"license": str(sold.licence.id)})
    with pytest.raises(InvalidInput) as refusal:
        await shop.answer(beat, "release")
    assert refusal.value.code == "license.bad_document"
    assert await shop.said_of(one, sold) == "VALID"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"plugins": "all"}, "plugins"),
        ({"plugins": [plugin_report()] * 501}, "plugins"),
        ({"plugins": [plugin_report(calls=-1)]}, "plugins.0.calls"),
        ({"plugins": [plugin_report(plugin_id="../x")]}, "plugins.0.id"),
        ({"plugins": [plugin_report(version="1")]}, "plugins.0.version"),
        ({"plugins": [plugin_report(state="<b>")]}, "plugins.0.state"),
        ({"licenses": [{"id": "x"}]}, "licenses.0.id"),
        ({"licenses": [{"id": "00000000-0000-7000-8000-000000000000", "nonce": "x"}]}, "licenses.0.nonce"),
        ({"licenses": [{"id": "00000000-0000-7000-8000-000000000000"}] * 201}, "licenses"),
    ],
)
def test_what_is_wrong_in_a_heartbeat_is_named(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Heartbeat.of(fields)
    assert wrong in refusal.value.fields


async def test_fields_of_instances_to_come_are_no_harm(shop: Shop) -> None:
    answer = await shop.ask(ThatInstance(), "heartbeat", plugins=[plugin_report(mood="good")], weather="fine")
    assert answer["licenses"] == answer["advisories"] == []


async def test_an_instance_is_told_about_the_versions_that_it_runs(each_shop: Shop) -> None:
    for version, status in (
        ("1.1.0", VersionStatus.REVOKED),
        ("1.2.0", VersionStatus.SUSPENDED),
        ("1.3.0", VersionStatus.DEPRECATED),
    ):
        await make_market_version(each_shop.database, PLUGIN, version, status=status, reason=f"Because of {version}.")

    async def told(version: str) -> Any:
        answer = await each_shop.beat(ThatInstance(), plugins=[plugin_report(version=version)])
        return [(one["plugin"], one["version"], one["kind"], one["reason"]) for one in answer["advisories"]]

    assert await told("1.0.0") == await told("9.9.9") == []
    assert await told("1.1.0") == [(PLUGIN, "1.1.0", "revoked", "Because of 1.1.0.")]
    assert await told("1.2.0") == [(PLUGIN, "1.2.0", "suspended", "Because of 1.2.0.")]
    assert await told("1.3.0") == [(PLUGIN, "1.3.0", "deprecated", "Because of 1.3.0.")]
