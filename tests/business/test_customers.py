import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from rising_bsm.accounts import PERMISSIONS, SYSTEM, ActivityLog, Actor, Role
from rising_bsm.business.customers import Customer, Customers
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict, Error, InvalidInput, NotFound, PermissionDenied
from rising_bsm.hooks import HookPoints
from support.people import make_actor, make_customer

pytestmark = pytest.mark.anyio

EVERYTHING = {
    "name": "Ada Lovelace",
    "email": "ada@x.example",
    "company": "Analytical Engines",
    "phone": "+44 20 7946 0000",
    "address": "Mill Road 1",
    "postal_code": "SW1A 1AA",
    "city": "London",
    "country": "GB",
    "type": "business",
    "status": "lead",
    "newsletter": True,
    "tags": ["vip", "größer"],
    "notes": "first line\nsecond line 🙂",
}


@pytest.fixture
def customers(database: Database) -> Customers:
    return Customers(database, HookPoints())


async def test_a_customer_is_kept_as_it_was_sent(customers: Customers) -> None:
    created = await customers.create(SYSTEM, EVERYTHING)

    stored = (await customers.get(SYSTEM, created.id)).as_dict()

    assert stored == created.as_dict()
    assert {name: stored[name] for name in EVERYTHING} == EVERYTHING
    assert set(stored) == {*EVERYTHING, "id", "version", "created_at", "updated_at"}
    assert UUID(stored["id"]) == created.id
    assert stored["created_at"].endswith("Z")
    assert stored["version"] == 1


async def test_characters_of_every_kind_come_back_as_they_were(customers: Customers) -> None:
    everything = (chr(code) for code in range(0x20, 0x110000, 97))
    accepted = [character for character in everything if unicodedata.category(character) not in ("Cc", "Cs")]
    notes = unicodedata.normalize("NFC", "|" + "".join(accepted)[:9_000] + "|")

    created = await customers.create(SYSTEM, {"name": "Ada", "email": "ada@x.example", "notes": notes})

    assert len(notes) > 8_000
    assert (await customers.get(SYSTEM, created.id)).notes == notes


async def test_only_the_fields_that_are_sent_are_changed(customers: Customers) -> None:
    created = await customers.create(SYSTEM, EVERYTHING)
    before = created.as_dict()

    after = (await customers.update(SYSTEM, created.id, {"city": "Oxford", "phone": None})).as_dict()

    assert after == (await customers.get(SYSTEM, created.id)).as_dict()
    assert after | {"updated_at": None} == before | {"city": "Oxford", "phone": "", "version": 2, "updated_at": None}
    assert after["updated_at"] > before["updated_at"]


async def test_a_change_that_changes_nothing_is_not_written(database: Database, customers: Customers) -> None:
    created = await customers.create(SYSTEM, EVERYTHING)

    assert (await customers.update(SYSTEM, created.id, {"email": " ADA@x.example"})).version == 1
    assert len((await ActivityLog(database).list(SYSTEM)).items) == 1


async def test_a_deleted_customer_is_gone(customers: Customers) -> None:
    created = await customers.create(SYSTEM, EVERYTHING)
    await customers.delete(SYSTEM, created.id)

    for attempt in (
        customers.get(SYSTEM, created.id),
        customers.update(SYSTEM, created.id, {}),
        customers.delete(SYSTEM, created.id),
    ):
        with pytest.raises(NotFound) as refusal:
            await attempt
        assert (refusal.value.code, refusal.value.place) == ("customers.not_found", str(created.id))
    assert await customers.create(SYSTEM, EVERYTHING)


@pytest.mark.parametrize("email", ["ada@x.example", "ADA@X.example"])
async def test_an_email_address_is_taken_once(database: Database, customers: Customers, email: str) -> None:
    await make_customer(database, email="ada@x.example")
    other = await make_customer(database)

    for attempt in (
        customers.create(SYSTEM, {"name": "Ada", "email": email}),
        customers.update(SYSTEM, other.id, {"email": email}),
    ):
        with pytest.raises(Conflict) as refusal:
            await attempt
        assert (refusal.value.code, refusal.value.place) == ("customers.email_taken", "email")
    assert await customers.count(SYSTEM) == 2
    assert len((await ActivityLog(database).list(SYSTEM)).items) == 2


async def test_of_many_at_once_one_gets_the_email_address(customers: Customers) -> None:
    draft = {"name": "Ada", "email": "ada@x.example"}

    answers = await asyncio.gather(*(customers.create(SYSTEM, draft) for _ in range(8)), return_exceptions=True)

    assert [type(answer) for answer in answers].count(Customer) == 1
    assert [getattr(answer, "code", "") for answer in answers].count("customers.email_taken") == 7


async def test_a_wrong_change_is_refused_and_nothing_is_written(customers: Customers) -> None:
    created = await customers.create(SYSTEM, EVERYTHING)
    for changes in ({"email": "ada", "city": "Oxford"}, {"id": str(uuid7())}, {"version": 7}, [], None, "city"):
        with pytest.raises(InvalidInput):
            await customers.update(SYSTEM, created.id, changes)  # type: ignore[arg-type]

    assert (await customers.get(SYSTEM, created.id)).as_dict() == created.as_dict()


async def test_who_expects_another_version_is_refused(customers: Customers) -> None:
    created = await customers.create(SYSTEM, EVERYTHING)
    await customers.update(SYSTEM, created.id, {"city": "Oxford"}, expected_version=1)

    for attempt in (
        customers.update(SYSTEM, created.id, {"city": "York"}, expected_version=1),
        customers.update(SYSTEM, created.id, {"city": "Oxford"}, expected_version=3),
        customers.delete(SYSTEM, created.id, expected_version=1),
    ):
        with pytest.raises(Conflict) as refusal:
            await attempt
        assert refusal.value.code == "customers.changed_meanwhile"
    assert (await customers.get(SYSTEM, created.id)).city == "Oxford"
    await customers.delete(SYSTEM, created.id, expected_version=2)


async def test_of_many_changes_of_one_version_one_is_written(customers: Customers) -> None:
    created = await customers.create(SYSTEM, EVERYTHING)
    changes = (customers.update(SYSTEM, created.id, {"city": f"City {n}"}, expected_version=1) for n in range(8))

    answers = await asyncio.gather(*changes, return_exceptions=True)

    written = [answer for answer in answers if isinstance(answer, Customer)]
    assert len(written) == 1
    assert {answer.code for answer in answers if isinstance(answer, Error)} == {"customers.changed_meanwhile"}
    assert (await customers.get(SYSTEM, created.id)).as_dict() == written[0].as_dict()


Attempt = Callable[[Customers, Actor, UUID], Awaitable[object]]
ATTEMPTS: list[tuple[str, Attempt]] = [
    ("customers.read", lambda customers, actor, _: customers.list(actor)),
    ("customers.read", lambda customers, actor, _: customers.count(actor)),
    ("customers.read", lambda customers, actor, id_: customers.get(actor, id_)),
    ("customers.create", lambda customers, actor, _: customers.create(actor, {"name": "X", "email": "x@x.example"})),
    ("customers.update", lambda customers, actor, id_: customers.update(actor, id_, {"city": "X"})),
    ("customers.delete", lambda customers, actor, id_: customers.delete(actor, id_)),
]


@pytest.mark.parametrize(("permission", "attempt"), ATTEMPTS)
async def test_nothing_is_done_without_its_own_permission(
    database: Database, customers: Customers, permission: str, attempt: Attempt
) -> None:
    customer = await make_customer(database, city="Here")
    everything_else = set(PERMISSIONS) - {permission}

    for actor in (
        make_actor(permissions=everything_else),
        make_actor().limited_to("acme.loyalty", everything_else),
        make_actor(permissions=everything_else).limited_to("acme.loyalty", PERMISSIONS),
    ):
        # Asked first, so that nobody learns whether a customer exists, or whether their draft was right.
        for customer_id in (customer.id, uuid7()):
            with pytest.raises(PermissionDenied) as refusal:
                await attempt(customers, actor, customer_id)
            assert refusal.value.place == permission
    assert [(known.id, known.city) for known in (await customers.list(SYSTEM)).items] == [(customer.id, "Here")]

    await attempt(customers, make_actor(permissions={permission}), customer.id)


async def test_an_employee_changes_but_does_not_delete(database: Database, customers: Customers) -> None:
    customer = await make_customer(database)
    employee = make_actor(permissions=Role.EMPLOYEE.permissions)

    await customers.update(employee, customer.id, {"city": "Oxford"})
    with pytest.raises(PermissionDenied):
        await customers.delete(employee, customer.id)
    await customers.delete(make_actor(permissions=Role.MANAGER.permissions), customer.id)
