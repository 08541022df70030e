from typing import Any

import pytest

from rising_bsm.accounts import PERMISSIONS, ActivityLog
from rising_bsm.accounts.activity import record
from rising_bsm.business.customers import Customers
from rising_bsm.db import Database
from rising_bsm.errors import PermissionDenied
from rising_bsm.hooks import HookPoints
from support.people import make_actor, make_customer, make_user

pytestmark = pytest.mark.anyio


async def make_entries(database: Database, count: int) -> None:
    async with database.transaction() as session:
        for number in range(count):
            record(session, make_actor(), "things.do", "thing", number, {})


async def test_it_says_who_did_what_to_which(database: Database) -> None:
    actor = make_actor(name="Ada")
    customer = await make_customer(database, actor=actor)

    entry = (await ActivityLog(database).list(make_actor())).as_dict()["items"][0]

    assert entry.pop("at").endswith("Z")
    assert entry.pop("id")
    assert entry == {
        "user_id": str(actor.user_id),
        "user_name": "Ada",
        "plugin": None,
        "action": "customers.create",
        "entity": "customer",
        "entity_id": str(customer.id),
        "detail": {"fields": ["email", "name", "status", "type"]},
    }


async def test_it_names_both_a_plugin_and_whom_it_acted_for(database: Database) -> None:
    await make_customer(database, actor=make_actor(name="Ada", plugin="acme.loyalty"))

    entry = (await ActivityLog(database).list(make_actor())).items[0]

    assert (entry.user_name, entry.plugin) == ("Ada", "acme.loyalty")


async def test_it_holds_the_names_of_fields_and_nothing_of_what_is_in_them(database: Database) -> None:
    customers, actor = Customers(database, HookPoints()), make_actor()
    customer = await make_customer(database, name="Secretive", email="secret@x.example", notes="secret note")
    await customers.update(actor, customer.id, {"phone": "secret 1", "notes": ""})
    await customers.delete(actor, customer.id)

    log = (await ActivityLog(database).list(actor)).as_dict()

    assert [entry["detail"] for entry in log["items"][:2]] == [{}, {"fields": ["notes", "phone"]}]
    assert "secret" not in str(log).lower()


async def test_what_was_not_done_is_not_in_it(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            record(session, make_actor(), "things.do", "thing", 1, {})
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert (await ActivityLog(database).list(make_actor())).items == []


async def test_it_outlives_whom_it_is_about(database: Database) -> None:
    user = await make_user(database, name="Gone")
    async with database.transaction() as session:
        record(session, user.actor, "things.do", "thing", 1, {})
    async with database.transaction() as session:
        await session.delete(user)

    assert (await ActivityLog(database).list(make_actor())).items[0].user_name == "Gone"


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
async def test_page_after_page_it_shows_everything_once_the_newest_first(database: Database, limit: int) -> None:
    await make_entries(database, 7)
    log, seen, before = ActivityLog(database), [], None
    for _ in range(7):
        page = await log.list(make_actor(), limit=limit, before=before)
        seen += [int(entry.entity_id) for entry in page.items]
        assert len(page.items) <= limit
        if (before := page.next) is None:
            break

    assert seen == list(reversed(range(7)))
    assert before is None


async def test_what_happens_meanwhile_does_not_move_the_pages(database: Database) -> None:
    await make_entries(database, 4)
    log = ActivityLog(database)
    first = await log.list(make_actor(), limit=2)
    await make_entries(database, 3)

    second = await log.list(make_actor(), limit=2, before=first.next)

    assert [int(entry.entity_id) for entry in (*first.items, *second.items)] == [3, 2, 1, 0]


@pytest.mark.parametrize("limit", [-1, 0, 201, 10**30])
async def test_a_page_has_between_one_and_two_hundred_entries(database: Database, limit: int) -> None:
    await make_entries(database, 3)

    assert 1 <= len((await ActivityLog(database).list(make_actor(), limit=limit)).items) <= 200


async def test_only_those_who_may_see_it_see_it(database: Database) -> None:
    actor = make_actor(permissions=set(PERMISSIONS) - {"activity.read"})

    with pytest.raises(PermissionDenied):
        await ActivityLog(database).list(actor)


async def test_it_can_be_asked_for_a_person_a_kind_and_a_deed_together(database: Database) -> None:
    ada, bob = make_actor(name="Ada"), make_actor(name="Bob")
    async with database.transaction() as session:
        for actor in (ada, bob):
            for action, entity in (("things.do", "thing"), ("things.undo", "thing"), ("others.do", "other")):
                record(session, actor, action, entity, 1, {})

    async def asked(**question: Any) -> list[tuple[str, str]]:
        page = await ActivityLog(database).list(make_actor(), **question)
        return [(entry.user_name, entry.action) for entry in reversed(page.items)]

    assert await asked(user_id=ada.user_id, entity="thing") == [("Ada", "things.do"), ("Ada", "things.undo")]
    assert await asked(action="others.do") == [("Ada", "others.do"), ("Bob", "others.do")]
    assert await asked(user_id=bob.user_id, entity="thing", action="others.do") == []
