"""Demo data: a small business with customers, appointments and service requests, all of them made up."""

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.appointments import Appointments
from rising_bsm.business.customers import Customers
from rising_bsm.business.demo.appointments import appointment_drafts
from rising_bsm.business.demo.customers import COUNT, demo_drafts
from rising_bsm.business.demo.requests import request_drafts
from rising_bsm.business.requests import Requests
from rising_bsm.db import Database, now
from rising_bsm.hooks import HookPoints

__all__ = ["COUNT", "appointment_drafts", "demo_drafts", "load_demo", "request_drafts"]


async def load_demo(database: Database, hooks: HookPoints) -> int:
    """Adds the demo data to an instance that has no customers; gives how many customers were added."""
    customers = Customers(database, hooks)
    if await customers.count(SYSTEM):
        return 0
    added = [str((await customers.create(SYSTEM, draft)).id) for draft in demo_drafts()]
    for draft in appointment_drafts(added, now().date()):
        await Appointments(database, hooks).create(SYSTEM, draft)
    for draft in request_drafts(added):
        await Requests(database, hooks).create(SYSTEM, draft)
    return COUNT
