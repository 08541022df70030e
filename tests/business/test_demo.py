from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.appointments import AppointmentDraft, AppointmentQuery, Appointments
from rising_bsm.business.customers import CustomerQuery, Customers
from rising_bsm.business.demo import COUNT, appointment_drafts, demo_drafts, load_demo
from rising_bsm.business.requests import Requests
from rising_bsm.db import Database
from rising_bsm.hooks import HookPoints
from support.people import make_customer

pytestmark = pytest.mark.anyio


async def test_an_empty_instance_gets_the_demo_customers_once(database: Database) -> None:
    hooks = HookPoints()

    assert await load_demo(database, hooks) == COUNT
    assert await load_demo(database, hooks) == 0

    stored = await Customers(database, hooks).list(SYSTEM, CustomerQuery(sort="created_at"))
    assert [customer.as_draft() for customer in stored.items] == demo_drafts()


async def test_an_instance_with_customers_is_left_alone(database: Database) -> None:
    await make_customer(database)

    assert await load_demo(database, HookPoints()) == 0
    assert await Customers(database, HookPoints()).count(SYSTEM) == 1


def test_the_demo_customers_are_always_the_same_and_nobody_real() -> None:
    drafts = demo_drafts()

    assert drafts == demo_drafts()
    assert len({draft["email"] for draft in drafts}) == len({draft["name"] for draft in drafts}) == COUNT == 48
    assert all(draft["email"].endswith(".example") and draft["email"].isascii() for draft in drafts)


def test_every_kind_of_customer_is_among_them() -> None:
    drafts = demo_drafts()

    assert {draft["type"] for draft in drafts} == {"private", "business"}
    assert {draft["status"] for draft in drafts} == {"active", "lead", "inactive"}
    assert {draft["newsletter"] for draft in drafts} == {True, False}
    assert any(draft["tags"] for draft in drafts)
    assert any(not draft["phone"] for draft in drafts)


async def test_an_empty_instance_gets_appointments_and_requests(database: Database) -> None:
    hooks = HookPoints()
    await load_demo(database, hooks)

    appointments = await Appointments(database, hooks).list(SYSTEM, AppointmentQuery(limit=200))
    requests = await Requests(database, hooks).list(SYSTEM)
    assert {one.status for one in appointments.items} == {"planned", "confirmed", "completed", "cancelled"}
    assert {one.time_zone for one in appointments.items} == {"Europe/Berlin", "Europe/Zurich", "Europe/London"}
    assert all(one.customer_id for one in appointments.items)
    assert {one.status for one in requests.items} == {"new", "in_progress", "completed", "cancelled"}
    assert {one.customer_id is not None for one in requests.items} == {True, False}


@given(today=st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_demo_appointments_are_on_working_days_around_any_day(today: date) -> None:
    drafts = appointment_drafts([str(number) for number in range(COUNT)], today)

    assert drafts == appointment_drafts([str(number) for number in range(COUNT)], today)
    assert 2 * 14 <= len(drafts) <= 2 * 16
    days = [AppointmentDraft.of(draft | {"customer_id": None}).starts_at.date() for draft in drafts]
    assert days == sorted(days)
    assert all(day.isoweekday() < 6 for day in days)
    assert (days[0] < today < days[-1]) is True
