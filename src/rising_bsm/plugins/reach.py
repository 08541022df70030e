"""How much of what is here plugins would reach, in numbers."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from rising_bsm.accounts import User
from rising_bsm.accounts.activity import Activity
from rising_bsm.business.appointments import Appointment
from rising_bsm.business.customers import Customer
from rising_bsm.business.notes.model import Note
from rising_bsm.business.requests import ServiceRequest
from rising_bsm.db import Database, Row


@dataclass(frozen=True)
class Reach:
    """How many rows of each kind there are; `reachable_customers` are those with a phone number."""

    customers: int = 0
    reachable_customers: int = 0
    appointments: int = 0
    requests: int = 0
    notes: int = 0
    people: int = 0
    entries: int = 0


async def reach_of(database: Database) -> Reach:
    """The numbers of this moment, in one query."""
    with_phone = select(func.count()).select_from(Customer).where(Customer.phone != "")
    others = (Appointment, ServiceRequest, Note, User, Activity)
    counts = [_all(Customer), with_phone, *map(_all, others)]
    async with database.reading() as session:
        row = (await session.execute(select(*(one.scalar_subquery() for one in counts)))).one()
    return Reach(*(int(number) for number in row))


def _all(table: type[Row]) -> Select[int]:
    return select(func.count()).select_from(table)
