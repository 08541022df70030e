"""The appointments' table, by the questions that are asked of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.business.appointments.model import Appointment
from rising_bsm.business.appointments.schema import LONGEST_MINUTES, AppointmentQuery
from rising_bsm.business.customers.model import Customer
from rising_bsm.business.listing import Page, count_of, in_order, page_of

_EQUAL = ("customer_id", "assignee_id", "status")
_SEARCHED = (Appointment.title, Appointment.location, Appointment.description)
_LONGEST = timedelta(minutes=LONGEST_MINUTES)


class AppointmentQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def count(self, query: AppointmentQuery) -> int:
        """How many appointments the query is about, whatever its page."""
        return await count_of(self._session, Appointment, _conditions(query))

    async def page(self, query: AppointmentQuery) -> Page[Appointment]:
        """The page of the query, in its order, appointments that are equal in it by their age."""
        order = in_order(Appointment, query.sort, getattr(Appointment, query.sort.removeprefix("-")))
        conditions = _conditions(query)
        return await page_of(self._session, Appointment, conditions, order, limit=query.limit, offset=query.offset)

    async def during(
        self, since: datetime, until: datetime, query: AppointmentQuery, most: int
    ) -> Sequence[Appointment]:
        """The first `most` of those the query is about that take some of this time, by their start."""
        touching = [
            # The second follows from the first; it is what the index on the start can be searched by.
            Appointment.ends_at > since,
            Appointment.starts_at > since - _LONGEST,
            Appointment.starts_at < until,
        ]
        found = select(Appointment).where(*touching, *_conditions(query))
        order = Appointment.starts_at, Appointment.id
        return (await self._session.scalars(found.order_by(*order).limit(most))).all()

    async def at_the_same_time(self, appointment: Appointment) -> Appointment | None:
        """The first other appointment that takes the time of the same assignee; one may begin when another ends."""
        query = select(Appointment).where(
            Appointment.assignee_id == appointment.assignee_id,
            Appointment.status != "cancelled",
            Appointment.starts_at < appointment.ends_at,
            Appointment.ends_at > appointment.starts_at,
            Appointment.id != appointment.id,
        )
        return await self._session.scalar(query.order_by(Appointment.starts_at, Appointment.id).limit(1))


def _conditions(query: AppointmentQuery) -> list[ColumnElement[bool]]:
    wanted = {name: getattr(query, name) for name in _EQUAL}
    conditions = [getattr(Appointment, name) == value for name, value in wanted.items() if value is not None]
    if query.starts_from is not None:
        conditions.append(Appointment.starts_at >= query.starts_from)
    if query.starts_before is not None:
        conditions.append(Appointment.starts_at < query.starts_before)
    if query.search:
        conditions.append(_found_by(query.search))
    return conditions


def _found_by(search: str) -> ColumnElement[bool]:
    customers = select(Customer.id).where(Customer.search_text.contains(search.casefold(), autoescape=True))
    # SQLite knows the case of ASCII alone; of other letters the usual ways to write them are tried.
    ways = {search, search.lower(), search.upper(), search.capitalize()}
    texts = [text.icontains(way, autoescape=True) for text in _SEARCHED for way in sorted(ways)]
    return or_(*texts, Appointment.customer_id.in_(customers))
