"""The customers' table, by the questions that are asked of it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, column, exists, func, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.business.customers.model import Customer
from rising_bsm.business.customers.schema import CustomerQuery
from rising_bsm.business.listing import Page, count_of, in_order, page_of

_EQUAL = ("status", "type", "city", "country", "newsletter")
_WITHOUT_CASE = ("company", "city")

# By its name alone: the room of appointments knows this one.
_APPOINTMENTS = table("appointments", column("customer_id", Uuid()))


class CustomerQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_email(self, email: str) -> Customer | None:
        """The customer with this address, given in its canonical form."""
        return await self._session.scalar(select(Customer).where(Customer.email == email))

    async def names(self, customer_ids: Collection[UUID]) -> dict[UUID, str]:
        """What those of them are called that are there, by id."""
        rows = await self._session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(customer_ids)))
        return {row[0]: row[1] for row in rows}

    async def appointments_of(self, customer_id: UUID) -> int:
        """How many appointments there are with this customer."""
        query = select(func.count()).select_from(_APPOINTMENTS).where(_APPOINTMENTS.c.customer_id == customer_id)
        return await self._session.scalar(query) or 0

    async def count(self, query: CustomerQuery) -> int:
        """How many customers the query is about, whatever its page."""
        return await count_of(self._session, Customer, self._conditions(query))

    async def page(self, query: CustomerQuery) -> Page[Customer]:
        """The page of the query, in its order, customers that are equal in it by their age."""
        name = query.sort.removeprefix("-")
        by = Customer.sort_name if name == "name" else getattr(Customer, name)
        order = in_order(Customer, query.sort, func.lower(by) if name in _WITHOUT_CASE else by)
        conditions = self._conditions(query)
        return await page_of(self._session, Customer, conditions, order, limit=query.limit, offset=query.offset)

    def _conditions(self, query: CustomerQuery) -> list[ColumnElement[bool]]:
        wanted = {name: getattr(query, name) for name in _EQUAL}
        conditions = [getattr(Customer, name) == value for name, value in wanted.items() if value not in (None, "")]
        if query.search:
            conditions.append(Customer.search_text.contains(query.search.casefold(), autoescape=True))
        if query.tag:
            conditions.append(self._has_tag(query.tag))
        return conditions

    def _has_tag(self, tag: str) -> ColumnElement[bool]:
        if self._session.get_bind().dialect.name == "postgresql":
            return cast(Customer.tags, JSONB).contains([tag])
        tags = func.json_each(Customer.tags).table_valued("value")
        return exists(select(1).select_from(tags).where(tags.c.value == tag))
