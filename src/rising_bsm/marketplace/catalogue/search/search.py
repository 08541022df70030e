"""One page of a search."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, TableClause, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.search.cursor import Place, place_of
from rising_bsm.marketplace.catalogue.search.facts import FOUND, WALKED
from rising_bsm.marketplace.catalogue.search.hosts import made_for
from rising_bsm.marketplace.catalogue.search.matching import TIERS, Matching
from rising_bsm.marketplace.catalogue.search.query import MarketQuery
from rising_bsm.marketplace.catalogue.search.words import Term, facet, terms
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketTag

_MANY = 5_000
"""From so many on, plugins are gone through in the order that is wanted, instead of found and then sorted."""

_KEYS = {"relevance": "installs", "installs": "installs", "rating": "score", "newest": "published_at"}


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
        matching, found = Matching(self._session, looked_for, _rare(query)), list[Place]()
        if not (looked_for and query.sort == "relevance"):
            if looked_for or (matching and await self._count(matching) < _MANY):
                return await self._of_tier(query, 0, FOUND, matching.joined(), after, query.limit + 1)
            return await self._of_tier(query, 0, WALKED, _row_by_row(query), after, query.limit + 1)
        for tier in range(after.tier if after else 0, TIERS):
            beyond = after if after and after.tier == tier else None
            fitting = [*matching.joined(tier), *_not_in(matching, tier)]
            found += await self._of_tier(query, tier, FOUND, fitting, beyond, query.limit + 1 - len(found))
            if len(found) > query.limit:
                break
        return found

    async def _of_tier(
        self,
        query: MarketQuery,
        tier: int,
        plugins: TableClause,
        fitting: Sequence[ColumnElement[bool]],
        after: Place | None,
        limit: int,
    ) -> list[Place]:
        key, number = plugins.c[_KEYS[query.sort]], plugins.c.number
        beyond = [key <= after.key, or_(key < after.key, number < after.number)] if after else []
        rows = select(key, number).where(*await self._always(query, plugins), *fitting, *beyond)
        in_order = rows.order_by(key.desc(), number.desc()).limit(limit)
        return [Place(tier, value, number) for value, number in await self._session.execute(in_order)]

    async def _count(self, matching: Matching) -> int:
        some = matching.numbers().limit(_MANY).subquery()
        return await self._session.scalar(select(func.count()).select_from(some)) or 0

    async def _always(self, query: MarketQuery, plugins: TableClause) -> list[ColumnElement[bool]]:
        asked = {"type": query.type, "pricing": query.pricing}
        equal = [plugins.c[name] == value for name, value in asked.items() if value is not None]
        conditions: list[ColumnElement[bool]] = [plugins.c.listed.is_(True), *equal]
        return (
            conditions
            if query.host is None
            else [*conditions, await made_for(self._session, query.host, plugins.c.host)]
        )

    async def _plugins(self, numbers: Sequence[int]) -> Sequence[MarketPlugin]:
        if not numbers:
            return []
        rows = await self._session.scalars(select(MarketPlugin).where(MarketPlugin.number.in_(numbers)))
        return sorted(rows, key=lambda plugin: numbers.index(plugin.number))


def _rare(query: MarketQuery) -> list[str]:
    """Facets that most plugins do not have."""
    asked = (("category", query.category), ("publisher", query.publisher), ("tag", query.tag))
    return [facet(name, value) for name, value in asked if value is not None]


def _row_by_row(query: MarketQuery) -> list[ColumnElement[bool]]:
    asked = {"category": query.category, "publisher": query.publisher}
    conditions: list[ColumnElement[bool]] = [
        WALKED.c[name] == value for name, value in asked.items() if value is not None
    ]
    if query.tag is not None:
        has_it = MarketTag.plugin == WALKED.c.number, MarketTag.tag == query.tag
        conditions.append(exists(select(1).where(*has_it)))
    return conditions


def _not_in(matching: Matching, tier: int) -> list[ColumnElement[bool]]:
    return [FOUND.c.number.not_in(matching.numbers(tier - 1))] if tier else []
