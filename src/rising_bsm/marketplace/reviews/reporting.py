"""Reviews that somebody objects to, and what the operator makes of that."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.validation import ONE_LINE, Input
from rising_bsm.db import Database, now
from rising_bsm.marketplace.licences.queries import ShopQueries
from rising_bsm.marketplace.reviews.queries import ReviewQueries
from rising_bsm.marketplace.reviews.schema import Moderation
from rising_bsm.marketplace.reviews.service import OPERATOR, PUBLISHER, ReviewNotFound
from rising_bsm.marketplace.reviews.tables import Review, ReviewReport


class ReportQuery(Input):
    """Which reviews: those with reports that nobody has looked at, hidden ones, or all."""

    refusal: ClassVar[str] = "review.invalid_query"

    which: Literal["reported", "hidden", "all"] = "reported"
    search: Annotated[str, Field(max_length=200), ONE_LINE] = ""
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 25

    def conditions(self) -> list[ColumnElement[bool]]:
        """What those that are meant have in common."""
        waiting = exists().where(ReviewReport.review_id == Review.id, ReviewReport.settled_at.is_(None))
        found: list[ColumnElement[bool]] = []
        if self.which != "all":
            found.append(waiting if self.which == "reported" else Review.hidden.is_(True))
        if self.search:
            parts = (Review.plugin_id, Review.name, Review.text)
            found.append(or_(*(part.icontains(self.search, autoescape=True) for part in parts)))
        return found


class Reports:
    """Reports of reviews: made by publishers about reviews of their plugins and by readers, settled by the operator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, actor: Actor, review_id: UUID, data: object) -> None:
        """The publisher of the plugin objects. Raises InvalidInput, ReviewNotFound."""
        said = Moderation.of(data)
        async with self._database.transaction() as session:
            review = await ReviewQueries(session).by_id(review_id)
            owner = await ShopQueries(session).owner_of(review.plugin_id) if review else None
            if review is None or actor.user_id is None or owner != actor.user_id or not actor.may(PUBLISHER):
                raise ReviewNotFound
            session.add(ReviewReport(review_id=review_id, reason=said.reason, by=actor.name))
            record(session, actor, "reviews.report", "review", review_id, {"plugin": review.plugin_id})

    async def page(self, actor: Actor, query: ReportQuery) -> dict[str, Any]:
        """`items`, each with its `reports` that nobody has looked at, and `total`, as JSON; for the operator."""
        actor.require(OPERATOR)
        which = query.conditions()
        rows = select(Review).where(*which).order_by(Review.id.desc()).limit(query.limit).offset(query.offset)
        async with self._database.reading() as session:
            total = await session.scalar(select(func.count()).select_from(Review).where(*which)) or 0
            found = (await session.scalars(rows)).all()
            reports = await _reports(session, [one.id for one in found])
        items = [one.as_moderated() | {"reports": _about(one, reports)} for one in found]
        return {"items": items, "total": total}

    async def settle(self, actor: Actor, review_id: UUID) -> None:
        """The operator has looked at what was reported of the review."""
        actor.require(OPERATOR)
        waiting = (ReviewReport.review_id == review_id, ReviewReport.settled_at.is_(None))
        async with self._database.transaction() as session:
            await session.execute(update(ReviewReport).where(*waiting).values(settled_at=now()))


async def _reports(session: AsyncSession, review_ids: Sequence[UUID]) -> Sequence[ReviewReport]:
    waiting = (ReviewReport.review_id.in_(review_ids), ReviewReport.settled_at.is_(None))
    return (await session.scalars(select(ReviewReport).where(*waiting).order_by(ReviewReport.id))).all()


def _about(review: Review, reports: Sequence[ReviewReport]) -> list[dict[str, Any]]:
    return [one.as_dict() for one in reports if one.review_id == review.id]
