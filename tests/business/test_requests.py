import asyncio
from typing import Any

import pytest

from rising_bsm.accounts import PERMISSIONS, SYSTEM, ActivityLog
from rising_bsm.business.appointments import Appointments
from rising_bsm.business.customers import Customers
from rising_bsm.business.requests import RequestQuery, Requests, ServiceRequest
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict, Error, InvalidInput, NotFound, PermissionDenied
from rising_bsm.hooks import HookPoints
from support.business import NOON, a_request, make_appointment, make_request, told
from support.people import make_actor, make_customer, make_user

pytestmark = pytest.mark.anyio

APPOINTMENT = {"starts_at": NOON}


@pytest.fixture
def hooks() -> HookPoints:
    return HookPoints()


@pytest.fixture
def requests(database: Database, hooks: HookPoints) -> Requests:
    return Requests(database, hooks)


async def test_a_request_is_kept_as_it_was_sent(database: Database, requests: Requests) -> None:
    user, customer, appointment = (
        await make_user(database),
        await make_customer(database),
        await make_appointment(database),
    )
    sent = {
        "name": "Bob",
        "email": "bob@visitors.example",
        "phone": "1",
        "service": "Roof",
        "message": "two\nlines",
        "source": "phone",
        "status": "in_progress",
        "assignee_id": str(user.id),
        "customer_id": str(customer.id),
        "appointment_id": str(appointment.id),
    }

    created = await requests.create(SYSTEM, sent)

    stored = (await requests.get(SYSTEM, created.id)).as_dict()
    assert stored == created.as_dict()
    assert {name: stored[name] for name in sent} == sent
    assert set(stored) == {*sent, "id", "version", "created_at", "updated_at"}


@pytest.mark.parametrize("field", ["assignee_id", "customer_id", "appointment_id"])
async def test_what_a_request_refers_to_must_be_there(database: Database, requests: Requests, field: str) -> None:
    request = await make_request(database)

    for attempt in (
        requests.create(SYSTEM, a_request(**{field: str(uuid7())})),
        requests.update(SYSTEM, request.id, {field: str(uuid7())}),
    ):
        with pytest.raises(InvalidInput) as refusal:
            await attempt
        assert (refusal.value.code, list(refusal.value.fields)) == ("requests.invalid", [field])


async def test_a_link_is_let_go_of_when_what_it_leads_to_is_deleted(database: Database, requests: Requests) -> None:
    customer, appointment = await make_customer(database), await make_appointment(database)
    links = {"customer_id": str(customer.id), "appointment_id": str(appointment.id)}
    request = await make_request(database, **links)

    await Appointments(database, HookPoints()).delete(SYSTEM, appointment.id)
    await Customers(database, HookPoints()).delete(SYSTEM, customer.id)

    stored = await requests.get(SYSTEM, request.id)
    assert (stored.customer_id, stored.appointment_id) == (None, None)
    assert (await requests.update(SYSTEM, request.id, {"status": "cancelled"})).status == "cancelled"


async def test_the_list_is_filtered_searched_and_paged(database: Database, requests: Requests) -> None:
    user = await make_user(database)
    await make_request(database, name="Anna", message="Straße", status="completed")
    await make_request(database, name="Bert", phone="0815", assignee_id=str(user.id))
    await make_request(database, name="Carla", email="carla@x.example", service="100% Roof")

    async def names(**query: Any) -> list[str]:
        asked = RequestQuery.of(query)
        page = await requests.list(SYSTEM, asked)
        assert page.total == await requests.count(SYSTEM, asked)
        return [one.name for one in page.items]

    assert await names() == ["Carla", "Bert", "Anna"]
    assert await names(sort="created_at", limit="1", offset="1") == ["Bert"]
    assert await names(status="completed") == await names(search="STRASSE") == ["Anna"]
    assert await names(search="0%") == await names(search="CARLA@") == ["Carla"]
    assert await names(assignee_id=str(user.id)) == await names(search="0815") == ["Bert"]


async def test_a_visitor_writes_what_visitors_may_and_nothing_else(hooks: HookPoints, requests: Requests) -> None:
    events = told(hooks)
    await requests.submit({"name": "Bob", "email": "Bob@Visitors.example", "message": "Hello"})

    (stored,) = (await requests.list(SYSTEM)).items
    assert (stored.email, stored.source, stored.status) == ("bob@visitors.example", "website", "new")
    actor = events[0].actor
    assert (actor.user_id, actor.name, actor.permissions) == (None, "visitor", {"requests.create"})
    for field in ("status", "source", "assignee_id", "customer_id", "appointment_id", "id", "version"):
        with pytest.raises(InvalidInput) as refusal:
            await requests.submit(a_request(**{field: "new"}))
        assert list(refusal.value.fields) == [field]
    assert await requests.count(SYSTEM) == 1


async def test_a_request_becomes_a_customer_and_an_appointment(
    database: Database, hooks: HookPoints, requests: Requests
) -> None:
    request = await make_request(database, phone="0815")
    events = told(hooks)
    into = {"customer": {"city": "Bonn"}, "appointment": APPOINTMENT | {"location": "There"}}

    converted = await requests.convert(SYSTEM, request.id, into)

    customer = await Customers(database, hooks).get(SYSTEM, converted.customer_id)
    appointment = await Appointments(database, hooks).get(SYSTEM, converted.appointment_id)
    assert (customer.name, customer.email, customer.phone, customer.city) == (
        *("Bob", "bob@visitors.example", "0815"),
        "Bonn",
    )
    assert (appointment.title, appointment.customer_id, appointment.location) == ("Roof", customer.id, "There")
    assert (converted.status, converted.version) == ("completed", 2)
    names = ["customers.create", "appointments.create", "requests.update", "request.converted"]
    assert [event.name for event in events] == names
    assert (events[-1].before, events[-1].after) == (request.as_dict(), converted.as_dict())
    actions = [entry.action for entry in (await ActivityLog(database).list(SYSTEM)).items]
    assert actions[:3] == names[2::-1]


async def test_a_customer_who_is_there_already_is_taken(database: Database, requests: Requests) -> None:
    known = await make_customer(database, name="Robert", email="bob@visitors.example")
    by_email, by_id = await make_request(database), await make_request(database, email="bob@elsewhere.example")

    for request, into in ((by_email, {"customer": {}}), (by_id, {"customer_id": str(known.id)})):
        converted = await requests.convert(SYSTEM, request.id, into | {"status": "in_progress"})
        assert (converted.customer_id, converted.status) == (known.id, "in_progress")
    assert [one.name for one in (await Customers(database, HookPoints()).list(SYSTEM)).items] == ["Robert"]


async def test_all_of_a_conversion_happens_or_nothing(
    database: Database, hooks: HookPoints, requests: Requests
) -> None:
    user = await make_user(database)
    await make_appointment(database, assignee_id=str(user.id))
    request = await make_request(database)
    into = {"customer": {}, "appointment": APPOINTMENT | {"assignee_id": str(user.id)}}

    with pytest.raises(Conflict) as refusal:
        await requests.convert(SYSTEM, request.id, into)

    assert refusal.value.code == "appointments.overlap"
    assert await Customers(database, hooks).count(SYSTEM) == 0
    assert (await requests.get(SYSTEM, request.id)).as_dict() == request.as_dict()
    await requests.convert(SYSTEM, request.id, into | {"appointment": into["appointment"] | {"allow_overlap": True}})


@pytest.mark.parametrize("point", ["customers.create", "appointments.create", "requests.update"])
async def test_every_hook_has_its_say_in_a_conversion(
    database: Database, hooks: HookPoints, requests: Requests, point: str
) -> None:
    async def refuse(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        raise InvalidInput("No.", place=point)

    request = await make_request(database)
    hooks.before(point, refuse)

    with pytest.raises(InvalidInput) as refusal:
        await requests.convert(SYSTEM, request.id, {"customer": {}, "appointment": APPOINTMENT})

    assert refusal.value.place == point
    assert await Customers(database, hooks).count(SYSTEM) == await Appointments(database, hooks).count(SYSTEM) == 0


@pytest.mark.parametrize(
    ("into", "place"),
    [
        ({}, "customer"),
        ({"customer": {}, "customer_id": str(uuid7())}, "customer_id"),
        ({"customer": "Bob"}, "customer"),
        ({"customer": {"colour": "red"}}, "colour"),
        ({"appointment": {}}, "starts_at"),
        ({"appointment": APPOINTMENT | {"title": ""}}, "title"),
        ({"customer": {}, "status": "done"}, "status"),
        ([], "body"),
    ],
)
async def test_a_conversion_that_makes_no_sense_is_refused(
    database: Database, requests: Requests, into: Any, place: str
) -> None:
    request = await make_request(database)

    with pytest.raises(InvalidInput) as refusal:
        await requests.convert(SYSTEM, request.id, into)

    assert refusal.value.place == place
    assert (await requests.get(SYSTEM, request.id)).version == 1


async def test_a_request_leads_to_one_customer_and_one_appointment(database: Database, requests: Requests) -> None:
    request = await make_request(database)
    await requests.convert(SYSTEM, request.id, {"customer": {}})

    with pytest.raises(Conflict) as refusal:
        await requests.convert(SYSTEM, request.id, {"customer": {}})
    assert (refusal.value.code, refusal.value.place) == ("requests.already_converted", "customer_id")

    converted = await requests.convert(SYSTEM, request.id, {"appointment": APPOINTMENT})
    appointment = await Appointments(database, HookPoints()).get(SYSTEM, converted.appointment_id)
    assert appointment.customer_id == converted.customer_id
    with pytest.raises(Conflict) as refusal:
        await requests.convert(SYSTEM, request.id, {"appointment": APPOINTMENT})
    assert refusal.value.place == "appointment_id"


async def test_of_many_conversions_at_once_one_is_made(database: Database, requests: Requests) -> None:
    request = await make_request(database)
    attempts = (requests.convert(SYSTEM, request.id, {"customer": {}, "appointment": APPOINTMENT}) for _ in range(6))

    answers = await asyncio.gather(*attempts, return_exceptions=True)

    assert sum(isinstance(answer, ServiceRequest) for answer in answers) == 1
    codes = {"requests.changed_meanwhile", "requests.already_converted", "customers.email_taken"}
    assert {answer.code for answer in answers if isinstance(answer, Error)} <= codes
    assert sum(isinstance(answer, Error) for answer in answers) == 5
    assert await Appointments(database, HookPoints()).count(SYSTEM) == 1


@pytest.mark.parametrize("missing", ["requests.update", "customers.read", "customers.create", "appointments.create"])
async def test_a_conversion_needs_the_permissions_for_all_it_does(
    database: Database, hooks: HookPoints, requests: Requests, missing: str
) -> None:
    request = await make_request(database)
    into = {"customer": {}, "appointment": APPOINTMENT}

    with pytest.raises(PermissionDenied) as refusal:
        await requests.convert(make_actor(permissions=set(PERMISSIONS) - {missing}), request.id, into)

    assert refusal.value.place == missing
    assert await Customers(database, hooks).count(SYSTEM) == 0
    enough = {"requests.update", "customers.read", "customers.create", "appointments.create"}
    assert await requests.convert(make_actor(permissions=enough), request.id, into)


async def test_what_is_missing_or_changed_is_said(database: Database, requests: Requests) -> None:
    request = await make_request(database)
    await requests.update(SYSTEM, request.id, {"status": "in_progress"}, expected_version=1)

    for attempt in (
        requests.update(SYSTEM, request.id, {"status": "new"}, expected_version=1),
        requests.convert(SYSTEM, request.id, {"customer": {}}, expected_version=1),
        requests.delete(SYSTEM, request.id, expected_version=1),
    ):
        with pytest.raises(Conflict) as conflict:
            await attempt
        assert conflict.value.code == "requests.changed_meanwhile"
    await requests.delete(SYSTEM, request.id, expected_version=2)
    for attempt in (requests.get(SYSTEM, request.id), requests.convert(SYSTEM, request.id, {"customer": {}})):
        with pytest.raises(NotFound) as refusal:
            await attempt
        assert refusal.value.code == "requests.not_found"


@pytest.mark.parametrize(
    ("permission", "verb"),
    [
        *(("read", verb) for verb in ("list", "count", "get")),
        *((verb, verb) for verb in ("create", "update", "delete")),
    ],
)
async def test_nothing_is_done_without_its_own_permission(
    database: Database, requests: Requests, permission: str, verb: str
) -> None:
    request, code = await make_request(database), f"requests.{permission}"
    arguments: dict[str, tuple[Any, ...]] = {
        "create": (a_request(),),
        "get": (request.id,),
        "update": (request.id, {"name": "X"}),
        "delete": (request.id,),
    }

    with pytest.raises(PermissionDenied) as refusal:
        await getattr(requests, verb)(make_actor(permissions=set(PERMISSIONS) - {code}), *arguments.get(verb, ()))
    assert refusal.value.place == code
    assert [one.name for one in (await requests.list(SYSTEM)).items] == ["Bob"]

    await getattr(requests, verb)(make_actor(permissions={code}), *arguments.get(verb, ()))
