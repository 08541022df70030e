"""Factories of appointments and service requests: a test says what it needs and no more."""

from typing import Any

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.business.appointments import Appointment, Appointments
from rising_bsm.business.requests import Requests, ServiceRequest
from rising_bsm.db import Database
from rising_bsm.hooks import Event, HookPoints

NOON = "2030-01-31T12:00:00.000000Z"


def an_appointment(**fields: Any) -> dict[str, Any]:
    """A draft that can be stored."""
    return {"title": "Visit", "starts_at": NOON, "duration_minutes": 60} | fields


def a_request(**fields: Any) -> dict[str, Any]:
    """A draft that can be stored."""
    return {"name": "Bob", "email": "bob@visitors.example", "service": "Roof"} | fields


async def make_appointment(database: Database, *, actor: Actor = SYSTEM, **fields: Any) -> Appointment:
    return await Appointments(database, HookPoints()).create(actor, an_appointment(**fields))


async def make_request(database: Database, *, actor: Actor = SYSTEM, **fields: Any) -> ServiceRequest:
    return await Requests(database, HookPoints()).create(actor, a_request(**fields))


def told(hooks: HookPoints) -> list[Event]:
    """Every event from now on."""
    events: list[Event] = []

    async def note(_session: object, event: Event) -> None:
        events.append(event)

    hooks.after(note)
    return events
