"""The appointments' table, by the questions that are asked of it."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.business.appointments.model import Appointment
from rising_bsm.business.appointments.schema import AppointmentQuery
from rising_bsm.business.listing import Page, count_of, in_order, page_of

_EQUAL = ("customer_id", "assignee_id", "status")


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
    return conditions
