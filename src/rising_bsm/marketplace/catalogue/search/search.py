"""One page of a search."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Executable, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.search.cursor import Place, place_of
from rising_bsm.marketplace.catalogue.search.hosts import made_for
from rising_bsm.marketplace.catalogue.search.matching import TIERS, Matching
from rising_bsm.marketplace.catalogue.search.order import Order
from rising_bsm.marketplace.catalogue.search.query import MarketQuery
from rising_bsm.marketplace.catalogue.search.words import Term, facet, terms
from rising_bsm.marketplace.catalogue.tables import MarketPlugin


@dataclass(frozen=True)
class Found:
    """The plugins of a page in their order, and the cursor of the next page; None on the last."""

    plugins: Sequence[MarketPlugin]
    next: str | None


class Search:
    """Searches in one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self, query: MarketQuery) -> Found:
        """The page; raises InvalidInput (`catalogue.invalid_cursor`)."""
        place, looked_for = place_of(query), terms(query.q)
        if query.q and not looked_for:
            return Found([], None)  # of what was typed, nothing is a word
        places = await self._places(query, looked_for, place)
        last = places[query.limit - 1] if len(places) > query.limit else None
        plugins = await self._plugins([one.number for one in places[: query.limit]])
        return Found(plugins, last.cursor(query) if last else None)

    async def _places(self, query: MarketQuery, looked_for: Sequence[Term], after: Place | None) -> list[Place]:
        """Where on the page and one more are."""
        matching, order = Matching(self._session, looked_for, _rare(query)), await self._order(query)
        if not matching:
            return await self._first(order.all(after), query.limit + 1)
        rows = order.among(matching.numbers, after)
        if looked_for and query.sort == "relevance":
            rest = order.among(matching.numbers, None) if after else rows
            return await self._by_tier(matching, rows, rest, after.tier if after else 0, query.limit + 1)
        return await self._first(rows, query.limit + 1, wanted=matching.wanted())

    async def _by_tier(
        self, matching: Matching, rows: Executable, rest: Executable, begin: int, at_most: int
    ) -> list[Place]:
        found = await self._first(rows, at_most, begin, wanted=matching.wanted(begin))
        for tier in range(begin + 1, TIERS):
            if len(found) < at_most:
                found += await self._first(rest, at_most - len(found), tier, wanted=matching.wanted(tier))
        return found

    async def _first(self, rows: Executable, at_most: int, tier: int = 0, **given: str) -> list[Place]:
        result = await self._session.execute(rows, {"at_most": at_most, **given})
        return [Place(tier, key, number) for key, number in result]

    async def _order(self, query: MarketQuery) -> Order:
        return Order(query, await made_for(self._session, query.host) if query.host is not None else _for_any)

    async def _plugins(self, numbers: Sequence[int]) -> Sequence[MarketPlugin]:
        if not numbers:
            return []
        rows = await self._session.scalars(select(MarketPlugin).where(MarketPlugin.number.in_(numbers)))
        return sorted(rows, key=lambda plugin: numbers.index(plugin.number))


def _rare(query: MarketQuery) -> list[str]:
    """Facets that most plugins do not have."""
    asked = (("category", query.category), ("publisher", query.publisher), ("tag", query.tag))
    return [facet(name, value) for name, value in asked if value is not None]


def _for_any(_range: ColumnElement[str]) -> ColumnElement[bool]:
    return true()
