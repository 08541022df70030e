"""The reviews' table, by the questions that are asked of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.tables import MarketPlugin
from rising_bsm.marketplace.reviews.schema import ReviewQuery
from rising_bsm.marketplace.reviews.tables import Review

PRIOR_STARS, PRIOR_WEIGHT = 3.5, 10
"""What is thought of a plugin that nobody has reviewed, and for how many reviews that counts."""


def score_of(count: int, total: int) -> float:
    """The Bayesian mean of so many reviews with so many stars in all, from 1 to 5."""
    return (PRIOR_STARS * PRIOR_WEIGHT + total) / (PRIOR_WEIGHT + count)


class ReviewQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, plugin_id: str) -> bool:
        """Whether the plugin is there; its reviews are written one after the other until the transaction ends."""
        chosen = select(MarketPlugin.number).where(MarketPlugin.plugin_id == plugin_id, MarketPlugin.listed)
        return await self._session.scalar(chosen.with_for_update(key_share=True)) is not None

    async def by_id(self, review_id: UUID) -> Review | None:
        """The review with this id."""
        return await self._session.get(Review, review_id, populate_existing=True)

    async def of_author(self, plugin_id: str, instance_id: UUID, author: str) -> Review | None:
        """What this person has said."""
        mine = (Review.plugin_id == plugin_id, Review.instance_id == instance_id, Review.author == author)
        return await self._session.scalar(select(Review).where(*mine))

    async def count_of(self, plugin_id: str, instance_id: UUID) -> int:
        """How many people of one instance have said something."""
        mine = (Review.plugin_id == plugin_id, Review.instance_id == instance_id)
        return await self._session.scalar(select(func.count()).select_from(Review).where(*mine)) or 0

    async def page(self, plugin_id: str, query: ReviewQuery) -> Sequence[Review]:
        """The reviews that the query describes and one more, the newest first."""
        conditions = [Review.plugin_id == plugin_id, Review.hidden.is_(query.hidden == "true")]
        if query.stars is not None:
            conditions.append(Review.stars == query.stars)
        if query.cursor is not None:
            conditions.append(Review.id < query.cursor)
        page = select(Review).where(*conditions).order_by(Review.id.desc()).limit(query.limit + 1)
        return (await self._session.scalars(page)).all()

    async def recount(self, plugin_id: str) -> None:
        """Brings the rating of the plugin, which is locked, up to date with its reviews."""
        await self._session.flush()
        counted = (Review.plugin_id == plugin_id, Review.hidden.is_(False))
        row = (await self._session.execute(select(func.count(), func.sum(Review.stars)).where(*counted))).one()
        count, total = int(row[0]), int(row[1] or 0)
        # What others say is no change of the plugin.
        rating = {"rating_count": count, "rating_sum": total, "score": score_of(count, total)}
        statement = update(MarketPlugin).where(MarketPlugin.plugin_id == plugin_id)
        await self._session.execute(statement.values(**rating, updated_at=MarketPlugin.updated_at))
