"""Appointment reminders and loyalty points, installed from their folders, do what their READMEs say."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from rising_bsm.accounts import SYSTEM, Actor, Role
from rising_bsm.business.appointments import Appointment
from rising_bsm.business.customers import Customer
from rising_bsm.business.notifications import NotificationQuery
from rising_bsm.db import now, uuid7
from rising_bsm.plugins.care import PluginCare
from rising_bsm.runtime import Business
from rising_bsm.runtime.events.dispatcher import Dispatcher
from rising_bsm.runtime.events.tables import SCHEDULE, Delivery
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import Pool
from support.database import open_database
from support.events import until
from support.people import make_customer, make_user
from support.plugins import Instance, make_signed_example, open_plugins

pytestmark = pytest.mark.anyio
REMINDERS, POINTS = "demo.appointment-reminders", "demo.loyalty-points"


@dataclass(frozen=True)
class Office:
    """An instance with both plugins."""

    instance: Instance
    business: Business

    async def appointment(self, **fields: Any) -> Appointment:
        """One in three hours."""
        start = (now() + timedelta(hours=3)).isoformat()
        return await self.business.appointments.create(SYSTEM, {"title": "Roof", "starts_at": start} | fields)

    async def change(self, appointment: Appointment, **changes: Any) -> None:
        await self.business.appointments.update(SYSTEM, appointment.id, changes)

    async def set(self, plugin: str, **values: Any) -> None:
        care = PluginCare(self.instance.database, self.instance.runtime, self.instance.plugins)
        await care.change_settings(SYSTEM, plugin, values)

    async def it_is_time(self, handler: str = "remind") -> None:
        """The schedule runs, as the clock would let it."""
        due = {"name": SCHEDULE, "handler": handler, "payload": "{}", "depth": 0}
        await self.instance.runtime.run_delivery(Delivery(plugin_id=REMINDERS, event_id=uuid7(), **due))

    async def all_delivered(self) -> None:
        async def nothing_is_left() -> bool:
            async with self.instance.database.reading() as session:
                return not await session.scalar(select(func.count(Delivery.id)))

        await until(nothing_is_left)

    async def told(self, actor: Actor) -> list[tuple[str, str]]:
        page = (await self.business.notifications.list(actor, NotificationQuery())).as_dict()
        return [(item["title"], item["message"]) for item in page["items"]]

    async def points(self, customer: Customer) -> dict[str, Any]:
        points: dict[str, Any] = await self.instance.ask(f"/customers/{customer.id}", plugin=POINTS)
        return points


@pytest.fixture
async def office(pool: Pool, tmp_path: Path) -> AsyncIterator[Office]:
    async with (
        open_database() as database,
        open_plugins(pool, database, tmp_path) as instance,
        Dispatcher(database, instance.runtime, places=2),
    ):
        await instance.trust("demo")
        for name in ("appointment-reminders", "loyalty-points"):
            await instance.plugins.install(SYSTEM, await make_signed_example(pool, name))
        yield Office(instance, Business.on(database, instance.hooks))


async def colleague(office: Office, role: Role = Role.EMPLOYEE) -> Actor:
    return (await make_user(office.instance.database, role=role)).actor


async def test_an_assignee_is_reminded_once_and_again_when_the_appointment_is_moved(office: Office) -> None:
    ada, bob = await colleague(office), await colleague(office)
    start = (now() + timedelta(hours=3)).replace(microsecond=0)
    place = {"location": "Mill Road 1", "time_zone": "Europe/Berlin"}
    appointment = await office.appointment(assignee_id=str(ada.user_id), starts_at=start.isoformat(), **place)
    await office.it_is_time()
    await office.it_is_time()

    local = start.astimezone(ZoneInfo("Europe/Berlin"))
    assert await office.told(ada) == [("Roof", f"{local:%A, %d %B %Y, %H:%M}, Mill Road 1")]
    assert await office.told(bob) == []

    await office.change(appointment, starts_at=(start + timedelta(hours=1)).isoformat())
    await office.it_is_time()
    assert len(await office.told(ada)) == 2


async def test_nobody_is_reminded_of_what_is_far_off_or_will_not_be(office: Office) -> None:
    ada = await colleague(office)
    mine = {"assignee_id": str(ada.user_id)}
    await office.appointment(**mine, starts_at=(now() + timedelta(hours=25)).isoformat())
    await office.appointment(**mine, status="cancelled")
    await office.it_is_time()
    assert await office.told(ada) == []

    await office.set(REMINDERS, hours=26)
    await office.it_is_time()
    assert len(await office.told(ada)) == 1


async def test_what_nobody_is_assigned_to_is_told_to_the_role_of_the_settings(office: Office) -> None:
    employee, manager = await colleague(office), await colleague(office, Role.MANAGER)
    await office.appointment()
    await office.it_is_time()
    assert (len(await office.told(manager)), len(await office.told(employee))) == (1, 0)


async def test_reminders_of_long_ago_are_forgotten(office: Office) -> None:
    storage = Storage(office.instance.database, REMINDERS)
    await storage.set("reminded/old", (now() - timedelta(days=31)).isoformat())
    await storage.set("reminded/new", now().isoformat())
    await office.it_is_time("forget")
    assert list(await storage.list("reminded/", 10)) == ["reminded/new"]


async def test_completed_appointments_give_points_and_levels(office: Office) -> None:
    customer = await make_customer(office.instance.database, name="Ada Abel", tags=["roof"])
    await office.set(POINTS, points=60, silver=100, gold=200)
    appointments = [await office.appointment(customer_id=str(customer.id), allow_overlap=True) for _ in range(3)]
    assert await office.points(customer) == {"customer": "Ada Abel", "points": 0, "level": None}

    for appointment in appointments[:2]:
        await office.change(appointment, status="completed")
    await office.all_delivered()
    assert await office.points(customer) == {"customer": "Ada Abel", "points": 120, "level": "silver"}
    assert (await office.business.customers.get(SYSTEM, customer.id)).tags == ["roof", "loyalty-silver"]

    await office.change(appointments[0], status="confirmed")
    await office.all_delivered()
    assert (await office.points(customer))["points"] == 60
    assert (await office.business.customers.get(SYSTEM, customer.id)).tags == ["roof"]


async def test_an_event_that_comes_twice_counts_once(office: Office) -> None:
    customer = await make_customer(office.instance.database)
    appointment = await office.appointment(customer_id=str(customer.id), duration_minutes=90)
    await office.change(appointment, status="completed")
    await office.change(appointment, description="Paid.")  # it is completed in this event, too
    await office.all_delivered()
    assert (await office.points(customer))["points"] == 15
