from dataclasses import replace
from typing import Any

import pytest

from rising_bsm.accounts import PERMISSIONS, SYSTEM, ActivityLog
from rising_bsm.business.appointments import Appointment
from rising_bsm.business.customers import Customer, Customers
from rising_bsm.business.entity import Entity
from rising_bsm.business.notes import NoteQuery
from rising_bsm.business.notes.service import Notes
from rising_bsm.business.requests import ServiceRequest
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from rising_bsm.hooks import HookPoints
from support.business import make_appointment, make_request
from support.people import make_actor, make_customer

pytestmark = pytest.mark.anyio

MAKE = {Customer: make_customer, Appointment: make_appointment, ServiceRequest: make_request}


@pytest.fixture
def notes(database: Database) -> Notes:
    return Notes(database)


@pytest.mark.parametrize("kind", MAKE)
async def test_notes_are_left_read_and_removed(database: Database, notes: Notes, kind: type[Entity]) -> None:
    entity, anna = await MAKE[kind](database), make_actor(name="Anna")
    first = await notes.add(anna, kind, entity.id, {"text": " Called.\nNobody there. "})
    second = await notes.add(SYSTEM.limited_to("acme.loyalty", PERMISSIONS), kind, entity.id, {"text": "A regular."})

    page = await notes.list(anna, kind, entity.id, NoteQuery(limit=1))
    rest = await notes.list(anna, kind, entity.id, NoteQuery(before=page.next))
    await notes.remove(anna, kind, entity.id, first.id)

    assert [note.as_dict() for note in page.items] == [second.as_dict()]
    assert (second.plugin, second.author_name) == ("acme.loyalty", "system")
    assert rest.as_dict() == {"items": [first.as_dict()], "next": None}
    assert (first.text, first.author_name, first.author_id) == ("Called.\nNobody there.", "Anna", anna.user_id)
    assert [note.id for note in (await notes.list(anna, kind, entity.id)).items] == [second.id]
    about = (kind.noun.singular, str(entity.id))
    actions = [entry.action for entry in (await ActivityLog(database).list(SYSTEM, about=about)).items]
    assert actions == ["notes.delete", "notes.create", "notes.create", f"{kind.noun.plural}.create"]


async def test_notes_belong_to_one_entity_and_go_with_it(database: Database, notes: Notes) -> None:
    customer, other = await make_customer(database), await make_customer(database)
    note = await notes.add(SYSTEM, Customer, customer.id, {"text": "Mine"})
    kept = await notes.add(SYSTEM, Customer, other.id, {"text": "Other"})

    assert [one.id for one in (await notes.list(SYSTEM, Customer, customer.id)).items] == [note.id]
    with pytest.raises(NotFound) as refusal:
        await notes.remove(SYSTEM, Customer, customer.id, kept.id)
    assert refusal.value.code == "notes.not_found"

    await Customers(database, HookPoints()).delete(SYSTEM, customer.id)
    for attempt in (
        notes.list(SYSTEM, Customer, customer.id),
        notes.add(SYSTEM, Customer, customer.id, {"text": "Late"}),
        notes.list(SYSTEM, Appointment, other.id),
        notes.remove(SYSTEM, Customer, customer.id, note.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert [one.id for one in (await notes.list(SYSTEM, Customer, other.id)).items] == [kept.id]


async def test_ones_own_notes_are_removed_and_others_with_permission(database: Database, notes: Notes) -> None:
    customer = await make_customer(database)
    anna, bert = (make_actor(permissions={"customers.read", "notes.create"}) for _ in range(2))
    note = await notes.add(anna, Customer, customer.id, {"text": "Anna's"})
    by_plugin = await notes.add(anna.limited_to("a.b", PERMISSIONS), Customer, customer.id, {"text": "A plugin's"})

    for actor, one in (
        (bert, note),
        (anna.limited_to("a.b", PERMISSIONS), note),
        (anna, by_plugin),
        (make_actor(permissions={"customers.read"}), note),
    ):
        with pytest.raises(PermissionDenied) as refusal:
            await notes.remove(actor, Customer, customer.id, one.id)
        assert refusal.value.place == "notes.delete"
    await notes.remove(anna, Customer, customer.id, note.id)
    await notes.remove(make_actor(permissions={"customers.read", "notes.delete"}), Customer, customer.id, by_plugin.id)
    assert (await notes.list(SYSTEM, Customer, customer.id)).items == []


async def test_what_the_program_wrote_is_nobodys_own(database: Database, notes: Notes) -> None:
    customer = await make_customer(database)
    note = await notes.add(SYSTEM, Customer, customer.id, {"text": "System's"})

    nobody = replace(SYSTEM, permissions=frozenset({"customers.read"}))
    with pytest.raises(PermissionDenied):
        await notes.remove(nobody, Customer, customer.id, note.id)


@pytest.mark.parametrize("kind", MAKE)
async def test_who_may_not_see_an_entity_does_not_see_its_notes(
    database: Database, notes: Notes, kind: type[Entity]
) -> None:
    entity, code = await MAKE[kind](database), f"{kind.noun.plural}.read"
    note, blind = (
        await notes.add(SYSTEM, kind, entity.id, {"text": "x"}),
        make_actor(permissions={*PERMISSIONS} - {code}),
    )

    for attempt in (
        notes.list(blind, kind, entity.id),
        notes.add(blind, kind, entity.id, {"text": "x"}),
        notes.remove(blind, kind, entity.id, note.id),
    ):
        with pytest.raises(PermissionDenied) as refusal:
            await attempt
        assert refusal.value.place == code
    with pytest.raises(PermissionDenied) as refusal:
        await notes.add(make_actor(permissions={code}), kind, entity.id, {"text": "x"})
    assert refusal.value.place == "notes.create"
    assert await notes.list(make_actor(permissions={code}), kind, entity.id)


@pytest.mark.parametrize(
    "draft", [{}, {"text": ""}, {"text": "  "}, {"text": "x" * 4_001}, {"text": "\0"}, {"text": 5}]
)
async def test_a_note_is_a_text(database: Database, notes: Notes, draft: Any) -> None:
    customer = await make_customer(database)

    with pytest.raises(InvalidInput) as refusal:
        await notes.add(SYSTEM, Customer, customer.id, draft)

    assert (refusal.value.code, list(refusal.value.fields)) == ("notes.invalid", ["text"])
    with pytest.raises(NotFound):
        await notes.add(SYSTEM, Customer, uuid7(), {"text": "x"})
