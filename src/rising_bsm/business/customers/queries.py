"""The customers' table, by the questions that are asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, cast, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.business.customers.model import Customer
from rising_bsm.business.customers.schema import CustomerQuery

_EQUAL = ("status", "type", "city", "country", "newsletter")
_WITHOUT_CASE = ("company", "city")


@dataclass(frozen=True)
class Page:
    """Some of the customers that were asked for; `total` is how many there are of them in all."""

    items: Sequence[Customer]
    total: int
    limit: int
    offset: int

    def as_dict(self) -> dict[str, Any]:
        """The page as JSON."""
        items = [customer.as_dict() for customer in self.items]
        return {"items": items, "total": self.total, "limit": self.limit, "offset": self.offset}


class CustomerQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, customer_id: UUID) -> Customer | None:
        """The customer with this id."""
        return await self._session.get(Customer, customer_id)

    async def count(self, query: CustomerQuery) -> int:
        """How many customers the query is about, whatever its page."""
        return await self._session.scalar(self._counting(query)) or 0

    async def page(self, query: CustomerQuery) -> Page:
        """The page of the query, in its order, customers that are equal in it by their age."""
        total = self._counting(query).scalar_subquery()
        rows = (await self._session.execute(self._selection(query).add_columns(total))).all()
        # Beyond the last page there is no row that could bring the total with it.
        count = rows[0][1] if rows else await self.count(query)
        return Page([row[0] for row in rows], count, query.limit, query.offset)

    def _counting(self, query: CustomerQuery) -> Select[int]:
        return select(func.count(Customer.id)).where(*self._conditions(query))

    def _selection(self, query: CustomerQuery) -> Select[Customer]:
        name = query.sort.removeprefix("-")
        column = Customer.sort_name if name == "name" else getattr(Customer, name)
        order = (func.lower(column) if name in _WITHOUT_CASE else column, Customer.id)
        by = [key.desc() for key in order] if query.sort.startswith("-") else order
        # Sorting ids and then reading one page of rows is several times faster than sorting whole rows.
        ids = select(Customer.id).where(*self._conditions(query)).order_by(*by).limit(query.limit).offset(query.offset)
        return select(Customer).where(Customer.id.in_(ids)).order_by(*by)

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
