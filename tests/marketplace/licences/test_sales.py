"""Selling licences: by whom, what they may say, and what is written down."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rising_bsm.accounts import SYSTEM, Actor, Role
from rising_bsm.accounts.activity import Activity
from rising_bsm.db import Database, iso, uuid7
from rising_bsm.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from rising_bsm.licensing.keys import LicenceKey
from rising_bsm.marketplace.licences.schema import LicenceQuery, Sale
from rising_bsm.marketplace.licences.tables import SoldLicence
from support.market import make_market_plugin
from support.people import make_actor
from support.selling import PLUGIN, Shop, ThatInstance
from support.travel import START, at

pytestmark = pytest.mark.anyio

OPERATOR = make_actor(permissions=["marketplace.manage"], name="Operator")
EMPLOYEE = make_actor(permissions=Role.EMPLOYEE.permissions, name="Employee")
OWNER_ID, RIVAL_ID = uuid7(), uuid7()
OWNER = make_actor(permissions=Role.PUBLISHER.permissions, name="Owner", user_id=OWNER_ID)
RIVAL = make_actor(permissions=Role.PUBLISHER.permissions, name="Rival", user_id=RIVAL_ID)
REASON = {"reason": "Not paid."}


async def stocked(shop: Shop) -> Shop:
    """Two publishers, each with a plugin."""
    await make_market_plugin(shop.database, "owner.crm", owner_id=OWNER_ID)
    await make_market_plugin(shop.database, "rival.crm", owner_id=RIVAL_ID)
    return shop


async def activity(database: Database) -> list[Activity]:
    async with database.reading() as session:
        return list((await session.scalars(select(Activity).order_by(Activity.id))).all())


async def test_a_key_is_shown_once_and_only_its_digest_is_kept(each_shop: Shop) -> None:
    sold = await each_shop.sell()
    key = sold.as_dict()["key"]

    assert LicenceKey.parse(key).text == key
    async with each_shop.database.reading() as session:
        row = (await session.execute(select(SoldLicence.__table__))).mappings().one()
    assert key not in str(dict(row))
    assert row["key_digest"] == LicenceKey.parse(key).digest
    shown = [await each_shop.selling.sales.get(OPERATOR, sold.licence.id)]
    shown += (await each_shop.selling.sales.list(OPERATOR, LicenceQuery()))["items"]
    assert key not in str(shown)
    assert key not in str([entry.as_dict() for entry in await activity(each_shop.database)])
    assert key not in repr(sold)


async def test_the_publisher_and_the_operator_sell_and_nobody_else(shop: Shop) -> None:
    await stocked(shop)
    for actor in (OWNER, OPERATOR, SYSTEM):
        await shop.sell(actor, plugin="owner.crm")
    answers = []
    for actor, plugin in ((RIVAL, "owner.crm"), (EMPLOYEE, "owner.crm"), (OWNER, "rival.crm"), (OWNER, "no.such")):
        with pytest.raises(NotFound) as refusal:
            await shop.sell(actor, plugin=plugin)
        answers.append(refusal.value.as_dict() | {"message": refusal.value.message.replace(plugin, "x")})
    assert answers == [answers[0]] * 4
    assert answers[0]["code"] == "license.no_such_plugin"


async def test_a_person_who_is_no_publisher_any_more_sells_nothing(shop: Shop) -> None:
    await stocked(shop)
    demoted = make_actor(permissions=Role.EMPLOYEE.permissions, user_id=OWNER_ID)
    with pytest.raises(NotFound):
        await shop.sell(demoted, plugin="owner.crm")


async def test_each_seller_sees_their_own_licences(each_shop: Shop) -> None:
    await stocked(each_shop)
    sales = each_shop.selling.sales
    owners = await each_shop.sell(OWNER, plugin="owner.crm")
    await each_shop.sell(RIVAL, plugin="rival.crm")

    def ids(page: dict[str, Any]) -> list[str]:
        return [item["plugin"] for item in page["items"]]

    assert ids(await sales.list(OWNER, LicenceQuery())) == ["owner.crm"]
    assert ids(await sales.list(RIVAL, LicenceQuery())) == ["rival.crm"]
    assert ids(await sales.list(RIVAL, LicenceQuery(plugin="owner.crm"))) == []
    assert ids(await sales.list(OPERATOR, LicenceQuery())) == ["rival.crm", "owner.crm"]
    with pytest.raises(PermissionDenied):
        await sales.list(EMPLOYEE, LicenceQuery())
    assert (await sales.get(OWNER, owners.licence.id))["holder"] == "Example GmbH"


@pytest.mark.parametrize("verb", ["get", "suspend", "revoke", "resume", "renew", "upgrade"])
async def test_the_licences_of_others_are_not_there(shop: Shop, verb: str) -> None:
    await stocked(shop)
    sold = await shop.sell(OWNER, plugin="owner.crm")
    data = {"renew": {"expires_at": None}, "upgrade": {"max_installs": 9}}.get(verb, REASON)
    given = () if verb == "get" else (data,)
    method = getattr(shop.selling.sales, verb)
    for actor, licence_id in ((RIVAL, sold.licence.id), (EMPLOYEE, sold.licence.id), (OWNER, uuid7())):
        with pytest.raises(NotFound) as refusal:
            await method(actor, licence_id, *given)
        assert refusal.value.code == "license.not_found"
    await method(OWNER, sold.licence.id, *given)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"limits": {"customers": -1}}, "limits.customers"),
        ({"limits": {"customers": 1.5}}, "limits.customers"),
        ({"limits": {"customers": True}}, "limits.customers"),
        ({"limits": {"customers": 2**53}}, "limits.customers"),
        ({"limits": {"Größe": 1}}, "limits.Größe.[key]"),
        ({"limits": [1]}, "limits"),
        ({"max_installs": 0}, "max_installs"),
        ({"max_installs": -3}, "max_installs"),
        ({"max_installs": "3"}, "max_installs"),
        ({"max_installs": True}, "max_installs"),
        ({"max_installs": 10**7}, "max_installs"),
        ({"entitlements": ["a b"]}, "entitlements.0"),
        ({"entitlements": ["x"] * 101}, "entitlements"),
        ({"type": "lifetime"}, "type"),
        ({"grace_days": -1}, "grace_days"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": 1893456000}, "expires_at"),
        ({"holder": ""}, "holder"),
        ({"holder": "a\nb"}, "holder"),
        ({"holder": "\u202eevil"}, "holder"),
        ({"plugin": "x"}, "plugin"),
        ({"key": "RBSM-1"}, "key"),
    ],
)
def test_what_cannot_be_sold_is_named(changes: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Sale.of({"plugin": PLUGIN, "holder": "Example GmbH"} | changes)
    assert refusal.value.code == "license.invalid"
    assert wrong in refusal.value.fields


@pytest.mark.parametrize("changes", [{"max_installs": -3}, {"type": "trial"}, {"limits": {"customers": -1}}])
async def test_what_cannot_be_sold_is_not_sold(shop: Shop, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await shop.sell(**changes)
    assert refusal.value.code == "license.invalid"
    assert (await shop.selling.sales.list(OPERATOR, LicenceQuery()))["items"] == []
    assert await activity(shop.database) == []


async def test_for_a_free_plugin_nothing_is_sold(shop: Shop) -> None:
    await make_market_plugin(shop.database, "acme.free", pricing="free")
    with pytest.raises(Conflict) as refusal:
        await shop.sell(plugin="acme.free")
    assert refusal.value.code == "license.plugin_is_free"


async def test_every_deed_is_written_down_with_who_and_why(each_shop: Shop) -> None:
    sales = each_shop.selling.sales
    licence_id = (await each_shop.sell(OPERATOR, reason="Order 7")).licence.id
    await sales.suspend(OPERATOR, licence_id, REASON)
    await sales.resume(OPERATOR, licence_id, {"reason": "Paid."})
    await sales.renew(OPERATOR, licence_id, {"expires_at": None, "reason": "For good."})
    await sales.upgrade(OPERATOR, licence_id, {"max_installs": 5, "limits": {"seats": 3}})
    await sales.revoke(OPERATOR, licence_id, {"reason": "Fraud."})

    entries = await activity(each_shop.database)

    assert {(entry.user_name, entry.entity, entry.entity_id) for entry in entries} == {
        ("Operator", "license", str(licence_id))
    }
    assert [(entry.action, entry.detail.get("reason")) for entry in entries] == [
        ("licenses.sell", "Order 7"),
        ("licenses.suspend", "Not paid."),
        ("licenses.resume", "Paid."),
        ("licenses.renew", "For good."),
        ("licenses.upgrade", None),
        ("licenses.revoke", "Fraud."),
    ]
    assert entries[4].detail["fields"] == ["limits", "max_installs"]


async def test_whoever_takes_something_away_says_why(shop: Shop) -> None:
    sold = await shop.sell()
    bad: list[Any] = [None, {}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"reason": 7}, []]
    for take_away in (shop.selling.sales.suspend, shop.selling.sales.revoke):
        for data in bad:
            with pytest.raises(InvalidInput):
                await take_away(OPERATOR, sold.licence.id, data)
    assert (await shop.selling.sales.get(OPERATOR, sold.licence.id))["status"] == "active"


async def test_what_was_revoked_stays_so(shop: Shop) -> None:
    sales, sold = shop.selling.sales, await shop.sell()
    await sales.revoke(OPERATOR, sold.licence.id, {"reason": "Fraud."})
    for verb, data in (
        ("resume", None),
        ("suspend", REASON),
        ("revoke", REASON),
        ("renew", {"expires_at": None}),
        ("upgrade", {"max_installs": 2}),
    ):
        with pytest.raises(Conflict) as refusal:
            await getattr(sales, verb)(OPERATOR, sold.licence.id, data)
        assert refusal.value.code == "license.revoked"
    assert (await sales.get(OPERATOR, sold.licence.id))["reason"] == "Fraud."


async def test_a_renewal_says_until_when(shop: Shop) -> None:
    sold = await shop.sell()
    bad: list[Any] = [{}, {"expires_at": "soon"}, {"expires_at": "2020-01-01T00:00:00Z"}, None]
    for data in bad:
        with pytest.raises(InvalidInput):
            await shop.selling.sales.renew(OPERATOR, sold.licence.id, data)


async def test_an_upgrade_is_checked_as_a_sale_is(shop: Shop) -> None:
    sold = await shop.sell()
    bad: list[Any] = [{"type": "trial"}, {"max_installs": 0}, {"limits": {"a": -1}}, {"holder": "I"}, None]
    for data in bad:
        with pytest.raises(InvalidInput):
            await shop.selling.sales.upgrade(OPERATOR, sold.licence.id, data)


async def test_a_trial_stays_a_trial_but_may_be_made_longer(shop: Shop) -> None:
    one, sales = ThatInstance(), shop.selling.sales
    with at(START):
        trial = one.opened(await shop.ask(one, "trial", plugin=PLUGIN))
        for changes in ({"type": "basic"}, {"max_installs": 5}):
            with pytest.raises(Conflict) as refusal:
                await sales.upgrade(OPERATOR, trial.id, changes)
            assert refusal.value.code == "license.is_trial"
        await sales.renew(OPERATOR, trial.id, {"expires_at": iso(START + timedelta(days=30))})
        again = one.opened(await shop.ask(one, "trial", plugin=PLUGIN))
    assert again.expires_at == START + timedelta(days=30)


async def test_where_a_licence_is_used_is_shown_to_its_seller(shop: Shop) -> None:
    one, two, sales = ThatInstance(), ThatInstance(), shop.selling.sales
    with at(START):
        sold = await shop.sell(max_installs=2)
        await shop.activate(one, sold, url="https://user:secret@crm.example.org/app?token=1")
        await shop.activate(one, sold)  # which says nothing of its address this time
    with at(START + timedelta(days=4)):
        await shop.activate(two, sold)
        shown = await sales.get(OPERATOR, sold.licence.id)
        listed = (await sales.list(OPERATOR, LicenceQuery()))["items"][0]

    assert shown["seats"] == listed["seats"] == 1
    assert [(place["instance"], place["alive"]) for place in shown["activations"]] == [
        (two.signing.public_key.key_id, True),
        (one.signing.public_key.key_id, False),
    ]
    assert shown["activations"][1]["url"] == "https://crm.example.org/app"


async def test_pages_are_all_licences_and_each_once(each_shop: Shop) -> None:
    sales, every = each_shop.selling.sales, [str((await each_shop.sell()).licence.id) for _ in range(7)]
    seen, cursor = [], None
    while True:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = await sales.list(OPERATOR, LicenceQuery.of(query))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        if len(seen) == 3:
            await each_shop.sell()  # what comes in between is on no later page
    assert seen == every[::-1]


async def test_licences_are_found_by_what_is_known_of_them(shop: Shop) -> None:
    sales = shop.selling.sales
    await shop.sell(holder="Müller & Söhne")
    stopped = await shop.sell(holder="100% Example_GmbH")
    await sales.suspend(OPERATOR, stopped.licence.id, REASON)

    async def holders(**query: str) -> list[str]:
        return [item["holder"] for item in (await sales.list(OPERATOR, LicenceQuery.of(query)))["items"]]

    assert await holders(status="suspended") == ["100% Example_GmbH"]
    assert await holders(holder="example_gmbh") == ["100% Example_GmbH"]
    assert await holders(holder="ller & S") == ["Müller & Söhne"]
    assert await holders(holder="%") == ["100% Example_GmbH"]
    assert await holders(plugin=PLUGIN) == ["100% Example_GmbH", "Müller & Söhne"]
    with pytest.raises(InvalidInput):
        await holders(limit="1000")


async def test_somebody_without_a_name_owns_nothing(shop: Shop) -> None:
    await make_market_plugin(shop.database, "orphan.crm", owner_id=None)
    nobody = Actor(user_id=None, name="program", permissions=frozenset({"marketplace.publish"}))
    with pytest.raises(NotFound):
        await shop.sell(nobody, plugin="orphan.crm")
    assert (await shop.selling.sales.list(nobody, LicenceQuery()))["items"] == []


async def test_what_may_be_sold(shop: Shop) -> None:
    await make_market_plugin((await stocked(shop)).database, "owner.free", pricing="free")
    sales = shop.selling.sales
    assert await sales.plugins(OPERATOR) == [PLUGIN, "owner.crm", "rival.crm"]
    assert await sales.plugins(OWNER) == ["owner.crm"]
    with pytest.raises(PermissionDenied):
        await sales.plugins(EMPLOYEE)
