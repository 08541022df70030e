"""The service requests' table, by the questions that are asked of it."""

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.business.listing import Page, count_of, in_order, page_of
from rising_bsm.business.requests.model import ServiceRequest
from rising_bsm.business.requests.schema import RequestQuery

_EQUAL = ("status", "assignee_id", "customer_id", "appointment_id")


class RequestQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def count(self, query: RequestQuery) -> int:
        """How many service requests the query is about, whatever its page."""
        return await count_of(self._session, ServiceRequest, _conditions(query))

    async def page(self, query: RequestQuery) -> Page[ServiceRequest]:
        """The page of the query, in its order, requests that are equal in it by their age."""
        order = in_order(ServiceRequest, query.sort, getattr(ServiceRequest, query.sort.removeprefix("-")))
        conditions = _conditions(query)
        return await page_of(self._session, ServiceRequest, conditions, order, limit=query.limit, offset=query.offset)


def _conditions(query: RequestQuery) -> list[ColumnElement[bool]]:
    wanted = {name: getattr(query, name) for name in _EQUAL}
    conditions = [getattr(ServiceRequest, name) == value for name, value in wanted.items() if value is not None]
    if query.search:
        conditions.append(ServiceRequest.search_text.contains(query.search.casefold(), autoescape=True))
    return conditions
