import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rising_bsm.accounts import PERMISSIONS, SYSTEM, ActivityLog
from rising_bsm.business.appointments import Appointment, AppointmentDraft, AppointmentQuery, Appointments
from rising_bsm.business.customers import Customers
from rising_bsm.db import Database, iso, uuid7
from rising_bsm.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from rising_bsm.hooks import HookPoints
from support.business import NOON, an_appointment, make_appointment, told
from support.database import open_database
from support.people import make_actor, make_customer, make_user

pytestmark = pytest.mark.anyio

EVERYTHING = {
    "title": "Inspection",
    "starts_at": NOON,
    "time_zone": "Europe/Berlin",
    "duration_minutes": 90,
    "location": "Am Alten Hafen 1",
    "description": "first line\nsecond line",
    "status": "confirmed",
}


@pytest.fixture
def hooks() -> HookPoints:
    return HookPoints()


@pytest.fixture
def appointments(database: Database, hooks: HookPoints) -> Appointments:
    return Appointments(database, hooks)


async def test_an_appointment_is_kept_as_it_was_sent(database: Database, appointments: Appointments) -> None:
    customer, user = await make_customer(database), await make_user(database)
    sent = EVERYTHING | {"customer_id": str(customer.id), "assignee_id": str(user.id)}

    created = await appointments.create(SYSTEM, sent | {"allow_overlap": True})

    stored = (await appointments.get(SYSTEM, created.id)).as_dict()
    assert stored == created.as_dict()
    assert {name: stored[name] for name in sent} == sent
    assert stored["ends_at"] == "2030-01-31T13:30:00.000000Z"
    assert stored["local_start"] == "2030-01-31T13:00:00+01:00"
    assert set(stored) == {*sent, "ends_at", "local_start", "id", "version", "created_at", "updated_at"}


async def test_a_moment_is_the_same_whatever_zone_it_is_sent_in(appointments: Appointments) -> None:
    created = await appointments.create(SYSTEM, an_appointment(starts_at="2030-01-31T17:30:00+05:30"))

    assert created.as_dict()["starts_at"] == NOON
    assert (await appointments.update(SYSTEM, created.id, {"starts_at": "2030-01-31T12:00:00Z"})).version == 1


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"title": ""}, "title"),
        ({"starts_at": "2030-01-31T12:00:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-14:00"}, "starts_at"),
        ({"starts_at": 1_900_000_000}, "starts_at"),
        ({"starts_at": "1900000000"}, "starts_at"),
        ({"starts_at": None}, "starts_at"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        *(
            ({"time_zone": name}, "time_zone")
            for name in ("../../etc/passwd", "Europe", "", "localtime", "/UTC", "tzdata.zi")
        ),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 10_081}, "duration_minutes"),
        ({"duration_minutes": 30.5}, "duration_minutes"),
        ({"status": "late"}, "status"),
        ({"customer_id": "1"}, "customer_id"),
        ({"customer_id": str(uuid7())}, "customer_id"),
        ({"assignee_id": str(uuid7())}, "assignee_id"),
        ({"assignee_id": 5}, "assignee_id"),
        ({"allow_overlap": "yes"}, "allow_overlap"),
        ({"ends_at": NOON}, "ends_at"),
        ({"version": 2}, "version"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_stored(
    appointments: Appointments, fields: dict[str, Any], name: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await appointments.create(SYSTEM, an_appointment(**fields))

    assert (refusal.value.code, list(refusal.value.fields)) == ("appointments.invalid", [name])
    assert await appointments.count(SYSTEM) == 0


async def test_nobody_who_is_locked_out_is_given_work(database: Database, appointments: Appointments) -> None:
    user = await make_user(database, active=False)

    with pytest.raises(InvalidInput) as refusal:
        await appointments.create(SYSTEM, an_appointment(assignee_id=str(user.id)))

    assert list(refusal.value.fields) == ["assignee_id"]


async def test_nobody_is_booked_twice_unless_it_is_meant(database: Database, appointments: Appointments) -> None:
    mine, other = str((await make_user(database)).id), str((await make_user(database)).id)
    taken = await appointments.create(SYSTEM, an_appointment(assignee_id=mine))

    with pytest.raises(Conflict) as refusal:
        await appointments.create(SYSTEM, an_appointment(assignee_id=mine, starts_at="2030-01-31T12:59:00Z"))
    assert (refusal.value.code, refusal.value.place) == ("appointments.overlap", "starts_at")

    for fields in (
        {"assignee_id": mine, "starts_at": "2030-01-31T13:00:00Z"},
        {"assignee_id": mine, "starts_at": "2030-01-31T11:00:00Z"},
        {"assignee_id": mine, "status": "cancelled"},
        {"assignee_id": mine, "allow_overlap": True},
        {"assignee_id": other},
        {"assignee_id": None},
    ):
        await appointments.create(SYSTEM, an_appointment(**fields))
    assert (await appointments.update(SYSTEM, taken.id, {"title": "Still mine", "status": "completed"})).version == 2


async def test_a_change_books_nobody_twice_either(database: Database, appointments: Appointments) -> None:
    mine = str((await make_user(database)).id)
    await appointments.create(SYSTEM, an_appointment(assignee_id=mine))
    later = await appointments.create(SYSTEM, an_appointment(assignee_id=mine, starts_at="2030-01-31T15:00:00Z"))
    nobodys = await appointments.create(SYSTEM, an_appointment())
    cancelled = await appointments.create(SYSTEM, an_appointment(assignee_id=mine, status="cancelled"))

    for appointment, changes in (
        (later, {"starts_at": "2030-01-31T12:30:00Z"}),
        (nobodys, {"assignee_id": mine}),
        (cancelled, {"status": "planned"}),
    ):
        with pytest.raises(Conflict) as refusal:
            await appointments.update(SYSTEM, appointment.id, changes)
        assert refusal.value.code == "appointments.overlap"
        stored = (await appointments.get(SYSTEM, appointment.id)).as_dict()
        assert stored["version"] == 1
        await appointments.update(SYSTEM, appointment.id, changes | {"allow_overlap": True})


async def test_of_many_at_once_one_gets_the_time(database: Database, appointments: Appointments) -> None:
    mine = str((await make_user(database)).id)
    moved = [
        await appointments.create(SYSTEM, an_appointment(assignee_id=mine, starts_at=f"2030-02-0{day}T12:00:00Z"))
        for day in range(1, 5)
    ]
    attempts = [appointments.create(SYSTEM, an_appointment(assignee_id=mine)) for _ in range(4)]
    attempts += [appointments.update(SYSTEM, one.id, {"starts_at": NOON}) for one in moved]

    answers = await asyncio.gather(*attempts, return_exceptions=True)

    assert sum(isinstance(answer, Appointment) for answer in answers) == 1
    assert sum(getattr(answer, "code", "") == "appointments.overlap" for answer in answers) == 7


@given(times=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_booked_never_overlaps(times: list[tuple[int, int]]) -> None:
    asyncio.run(_book(times))


async def _book(times: list[tuple[int, int]]) -> None:
    start = datetime(2030, 1, 31, tzinfo=UTC)
    async with open_database() as database:
        appointments, user = Appointments(database, HookPoints()), await make_user(database)
        booked: list[tuple[int, int]] = []
        for begin, minutes in times:
            draft = an_appointment(
                starts_at=iso(start + timedelta(minutes=begin)), duration_minutes=minutes, assignee_id=str(user.id)
            )
            free = all(begin + minutes <= other or begin >= other + length for other, length in booked)
            if free:
                await appointments.create(SYSTEM, draft)
                booked.append((begin, minutes))
            else:
                with pytest.raises(Conflict):
                    await appointments.create(SYSTEM, draft)


async def test_the_list_is_filtered_and_sorted(database: Database, appointments: Appointments) -> None:
    customer, user = await make_customer(database), await make_user(database)
    links = {"customer_id": str(customer.id), "assignee_id": str(user.id)}
    for day in (3, 1, 2):
        fields = links if day == 2 else {"status": "cancelled"}
        await make_appointment(database, title=f"day {day}", starts_at=f"2030-01-0{day}T00:00:00Z", **fields)

    async def titles(**query: Any) -> list[str]:
        asked = AppointmentQuery.of(query)
        page = await appointments.list(SYSTEM, asked)
        assert page.total == await appointments.count(SYSTEM, asked)
        return [one.title for one in page.items]

    assert await titles() == ["day 1", "day 2", "day 3"]
    assert await titles(sort="-starts_at", limit="1", offset="1") == ["day 2"]
    assert await titles(customer_id=str(customer.id)) == await titles(assignee_id=str(user.id)) == ["day 2"]
    assert await titles(status="cancelled") == ["day 1", "day 3"]
    assert await titles(starts_from="2030-01-02T00:00:00Z") == ["day 2", "day 3"]
    assert await titles(starts_before="2030-01-02T01:00:00+01:00") == ["day 1"]
    assert await titles(sort="-created_at") == ["day 2", "day 1", "day 3"]


async def test_a_change_is_told_once_and_one_of_the_status_twice(
    database: Database, hooks: HookPoints, appointments: Appointments
) -> None:
    events = told(hooks)
    created = await appointments.create(SYSTEM, an_appointment())
    await appointments.update(SYSTEM, created.id, {"title": "Other"})
    await appointments.update(SYSTEM, created.id, {"status": "completed"})
    await appointments.update(SYSTEM, created.id, {"status": "completed"})
    await appointments.delete(SYSTEM, created.id)

    assert [event.name for event in events] == [
        "appointments.create",
        "appointments.update",
        "appointments.update",
        "appointment.status_changed",
        "appointments.delete",
    ]
    changed = events[3]
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before["status"], changed.after["status"]) == ("planned", "completed")
    assert changed.after["version"] == 3
    actions = [entry.action for entry in (await ActivityLog(database).list(SYSTEM)).items]
    assert actions == ["appointments.delete", "appointments.update", "appointments.update", "appointments.create"]


async def test_hooks_see_and_change_the_draft_and_are_not_trusted(
    hooks: HookPoints, appointments: Appointments
) -> None:
    async def later(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> dict[str, Any]:
        assert (draft["starts_at"], draft["allow_overlap"], current) == (NOON, False, None)
        return draft | {"starts_at": "2031-01-31T12:00:00+01:00"}

    async def nonsense(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> dict[str, Any]:
        assert current is not None
        return draft | {"duration_minutes": -1}

    hooks.before("appointments.create", later)
    hooks.before("appointments.update", nonsense)
    created = await appointments.create(SYSTEM, an_appointment())

    assert created.as_dict()["starts_at"] == "2031-01-31T11:00:00.000000Z"
    with pytest.raises(InvalidInput) as refusal:
        await appointments.update(SYSTEM, created.id, {"title": "Other"})
    assert refusal.value.code == "appointments.invalid_after_hooks"


async def test_a_customer_with_appointments_stays(database: Database) -> None:
    customer = await make_customer(database, name="Ada")
    customers = Customers(database, HookPoints())
    appointment = await make_appointment(database, customer_id=str(customer.id))
    await make_appointment(database, customer_id=str(customer.id))

    with pytest.raises(Conflict) as refusal:
        await customers.delete(SYSTEM, customer.id)
    assert (refusal.value.code, refusal.value.message) == (
        "customers.has_appointments",
        "There are 2 appointments with this customer.",
    )
    assert await customers.get(SYSTEM, customer.id)

    appointments = Appointments(database, HookPoints())
    for one in (await appointments.list(SYSTEM)).items:
        await appointments.delete(SYSTEM, one.id)
    await customers.delete(SYSTEM, customer.id)
    with pytest.raises(NotFound):
        await appointments.get(SYSTEM, appointment.id)


async def test_who_expects_another_version_is_refused(appointments: Appointments) -> None:
    created = await appointments.create(SYSTEM, an_appointment())
    await appointments.update(SYSTEM, created.id, {"title": "Other"}, expected_version=1)

    for attempt in (
        appointments.update(SYSTEM, created.id, {"title": "X"}, expected_version=1),
        appointments.delete(SYSTEM, created.id, expected_version=1),
    ):
        with pytest.raises(Conflict) as refusal:
            await attempt
        assert refusal.value.code == "appointments.changed_meanwhile"


@pytest.mark.parametrize(
    ("permission", "verb"),
    [
        *(("read", verb) for verb in ("list", "count", "get")),
        *((verb, verb) for verb in ("create", "update", "delete")),
    ],
)
async def test_nothing_is_done_without_its_own_permission(
    database: Database, appointments: Appointments, permission: str, verb: str
) -> None:
    appointment, code = await make_appointment(database), f"appointments.{permission}"
    arguments: dict[str, tuple[Any, ...]] = {
        "create": (an_appointment(),),
        "get": (appointment.id,),
        "update": (appointment.id, {"title": "X"}),
        "delete": (appointment.id,),
    }

    with pytest.raises(PermissionDenied) as refusal:
        await getattr(appointments, verb)(make_actor(permissions=set(PERMISSIONS) - {code}), *arguments.get(verb, ()))
    assert refusal.value.place == code
    assert [one.title for one in (await appointments.list(SYSTEM)).items] == ["Visit"]

    await getattr(appointments, verb)(make_actor(permissions={code}), *arguments.get(verb, ()))


@given(moment=st.datetimes(timezones=st.timezones()))
def test_a_moment_in_any_zone_is_understood_or_refused_with_its_name(moment: datetime) -> None:
    text = moment.isoformat()
    if 1971 <= moment.year < 2200:
        assert AppointmentDraft.of(an_appointment(starts_at=text)).starts_at == datetime.fromisoformat(text)
        return
    with pytest.raises(InvalidInput) as refusal:
        AppointmentDraft.of(an_appointment(starts_at=text))
    assert list(refusal.value.fields) == ["starts_at"]


async def test_they_are_found_by_what_they_say_and_by_their_customer(
    database: Database, appointments: Appointments
) -> None:
    customer = await make_customer(database, name="Ines Grün")
    await make_appointment(database, title="Ölwechsel", customer_id=str(customer.id))
    await make_appointment(database, title="Visit", location="Werkstatt 100%")
    await make_appointment(database, title="Other")

    async def found(search: str) -> list[str]:
        return [one.title for one in (await appointments.list(SYSTEM, AppointmentQuery(search=search))).items]

    for search in ("ölwechsel", "ÖLWECHSEL", "wechsel", "grün", "GRÜN"):
        assert await found(search) == ["Ölwechsel"]
    assert await found("werkstatt") == ["Visit"]
    assert await found("100%") == ["Visit"]
    assert await found("%") == ["Visit"]
    assert await found("nobody") == []


@given(begin=st.integers(-9000, 3000), minutes=st.integers(1, 10_080), length=st.integers(1, 3000))
@settings(deadline=None, max_examples=30)
def test_during_a_time_are_those_that_take_some_of_it(begin: int, minutes: int, length: int) -> None:
    asyncio.run(_touch(begin, minutes, length))


async def _touch(begin: int, minutes: int, length: int) -> None:
    since = datetime(2030, 1, 31, 12, tzinfo=UTC)
    until, starts = since + timedelta(minutes=length), since + timedelta(minutes=begin)
    async with open_database() as database:
        await make_appointment(database, starts_at=iso(starts), duration_minutes=minutes)
        found = await Appointments(database, HookPoints()).during(SYSTEM, since, until)

    touches = starts < until and starts + timedelta(minutes=minutes) > since
    assert len(found) == touches


async def test_during_a_time_only_those_the_query_is_about(database: Database, appointments: Appointments) -> None:
    await make_appointment(database, status="cancelled")
    await make_appointment(database, title="Kept")
    day = datetime(2030, 1, 31, tzinfo=UTC)

    query = AppointmentQuery(status="planned")
    assert [one.title for one in await appointments.during(SYSTEM, day, day + timedelta(days=1), query)] == ["Kept"]
    with pytest.raises(PermissionDenied):
        await appointments.during(make_actor(permissions=["appointments.create"]), day, day)
