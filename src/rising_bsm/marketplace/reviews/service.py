"""Reviews: by people who have the plugin, answered by its publisher, kept in order by the operator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import SYSTEM, Actor, Role
from rising_bsm.accounts.activity import record
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.db import Database, now, uuid7
from rising_bsm.errors import Conflict, NotFound, PermissionDenied
from rising_bsm.marketplace.instances.admission import Caller
from rising_bsm.marketplace.instances.attempts import Attempts
from rising_bsm.marketplace.instances.queries import InstallQueries
from rising_bsm.marketplace.licences.queries import ShopQueries
from rising_bsm.marketplace.reviews.queries import ReviewQueries
from rising_bsm.marketplace.reviews.schema import Moderation, Reply, ReportDraft, ReviewDraft, Reviewer, ReviewQuery
from rising_bsm.marketplace.reviews.tables import Review, ReviewReport

OPERATOR, PUBLISHER = "marketplace.manage", "marketplace.publish"
PER_INSTANCE = 20
"""How many people of one instance may review a plugin: whoever runs an instance can make up as many as they like."""


REPORTS_PER_DAY = 20
"""How many reviews one instance may report."""

_A_READER = "A reader"


class NotInstalled(PermissionDenied):
    """The caller's instance has no live install of the plugin."""

    code = "review.not_installed"


class TooManyReviews(Conflict):
    """Enough people of the caller's instance have reviewed the plugin."""

    code = "review.too_many"


class ReviewNotFound(NotFound):
    """There is no such review, or none that the caller may do this with."""

    code = "review.not_found"

    def __init__(self) -> None:
        super().__init__("There is no such review.", place="review", next_step="See the reviews of the plugin.")


class Reviews:
    """What people say of plugins; the ratings in the catalogue are counted anew with each change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._notifications = Notifications(database)
        self._reports = Attempts(REPORTS_PER_DAY, timedelta(days=1), "Too many reviews are reported by this instance.")

    async def write(self, caller: Caller) -> dict[str, Any]:
        """What somebody at the caller's instance says from now on of a plugin that is installed there.

        Raises InvalidInput, NotInstalled, TooManyReviews.
        """
        draft, moment = ReviewDraft.of(caller.fields), now()
        async with self._database.transaction() as session:
            queries = ReviewQueries(session)
            there = await queries.lock(draft.plugin)
            install = await InstallQueries(session).alive(caller.instance_id, draft.plugin, moment)
            if install is None or not there:
                raise _not_installed(draft.plugin)
            review = await self._of(queries, caller, draft)
            review.name, review.stars, review.text = draft.name, draft.stars, draft.text
            review.version, review.updated_at = install.version, moment
            session.add(review)
            await queries.recount(draft.plugin)
        return review.as_dict()

    async def own(self, caller: Caller) -> dict[str, Any]:
        """What somebody at the caller's instance has said of a plugin: `review`, None without anything."""
        who = Reviewer.of(caller.fields)
        async with self._database.reading() as session:
            found = await ReviewQueries(session).of_author(who.plugin, caller.instance_id, who.user)
        return {"review": found and found.as_dict()}

    async def report(self, caller: Caller) -> dict[str, Any]:
        """The operator is told what is wrong with a review. Raises InvalidInput, ReviewNotFound, TooManyAttempts."""
        report = ReportDraft.of(caller.fields)
        self._reports.check(caller.instance_id)
        async with self._database.transaction() as session:
            review = await ReviewQueries(session).by_id(as_id(report.review))
            if review is None or review.hidden:
                raise ReviewNotFound
            session.add(ReviewReport(review_id=review.id, reason=report.reason, by=_A_READER))
        self._reports.failed(caller.instance_id)
        await self._notifications.send(SYSTEM, _reported(review, report.reason))
        return {}

    async def _of(self, queries: ReviewQueries, caller: Caller, draft: ReviewDraft) -> Review:
        known = await queries.of_author(draft.plugin, caller.instance_id, draft.user)
        if known is None and await queries.count_of(draft.plugin, caller.instance_id) >= PER_INSTANCE:
            raise TooManyReviews(
                f"{PER_INSTANCE} people of this instance have reviewed {draft.plugin} already.",
                place="user",
                next_step="Change one of those reviews.",
            )
        whose = {"plugin_id": draft.plugin, "instance_id": caller.instance_id, "author": draft.user}
        return known or Review(id=uuid7(), hidden=False, hidden_reason="", **whose)

    async def list(self, actor: Actor | None, plugin_id: str, query: ReviewQuery) -> dict[str, Any]:
        """Reviews of the plugin: `items`, and `next`, the cursor of the page after it. Hidden ones for the operator."""
        if query.hidden == "true" and (actor is None or not actor.may(OPERATOR)):
            raise PermissionDenied("Only the operator sees what is hidden.", place=OPERATOR)
        async with self._database.reading() as session:
            found = await ReviewQueries(session).page(plugin_id, query)
        items = found[: query.limit]
        shown = [one.as_moderated() if query.hidden == "true" else one.as_dict() for one in items]
        return {"items": shown, "next": str(items[-1].id) if len(found) > query.limit else None}

    async def reply(self, actor: Actor, review_id: UUID, data: object) -> dict[str, Any]:
        """The publisher of the plugin answers, anew if need be. Raises InvalidInput, ReviewNotFound."""
        reply = Reply.of(data)
        async with self._changing(review_id) as (session, review):
            owner_id = await ShopQueries(session).owner_of(review.plugin_id)
            if actor.user_id is None or owner_id != actor.user_id or not actor.may(PUBLISHER) or review.hidden:
                raise ReviewNotFound
            review.reply, review.replied_at = (reply.text, now()) if reply.text else (None, None)
            _note(session, actor, "reply", review)
        return review.as_dict()

    async def hide(self, actor: Actor, review_id: UUID, data: object) -> dict[str, Any]:
        """Nobody but the operator sees it, and it does not count. Raises InvalidInput, ReviewNotFound."""
        actor.require(OPERATOR)
        return await self._moderate(actor, review_id, Moderation.of(data).reason)

    async def show(self, actor: Actor, review_id: UUID) -> dict[str, Any]:
        """It is there again. Raises ReviewNotFound."""
        actor.require(OPERATOR)
        return await self._moderate(actor, review_id, "")

    async def _moderate(self, actor: Actor, review_id: UUID, reason: str) -> dict[str, Any]:
        async with self._changing(review_id) as (session, review):
            review.hidden, review.hidden_reason = bool(reason), reason
            _note(session, actor, "hide" if reason else "show", review, reason)
            await ReviewQueries(session).recount(review.plugin_id)
        return review.as_moderated()

    @asynccontextmanager
    async def _changing(self, review_id: UUID) -> AsyncIterator[tuple[AsyncSession, Review]]:
        """The review, changed by nobody else until the end."""
        async with self._database.transaction() as session:
            queries = ReviewQueries(session)
            review = await queries.by_id(review_id)
            if review is None:
                raise ReviewNotFound
            await queries.lock(review.plugin_id)
            await session.refresh(review)
            yield session, review


def as_id(text: str) -> UUID:
    """The id of a review; raises ReviewNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise ReviewNotFound from None


def _reported(review: Review, reason: str) -> NotificationDraft:
    message = f"{review.name} gives it {review.stars} of 5: {review.text[:500]}\n\nWhat is wrong with that: {reason}"
    title = f"A review of {review.plugin_id} was reported"[:120]
    return NotificationDraft(role=Role.ADMIN, title=title, message=message, level="warning", link="/operating/reviews")


def _not_installed(plugin_id: str) -> NotInstalled:
    return NotInstalled(
        f"{plugin_id} is not installed on this instance, as far as the marketplace knows.",
        place="plugin",
        next_step="Install it, and review it after the next heartbeat.",
    )


def _note(session: AsyncSession, actor: Actor, verb: str, review: Review, reason: str = "") -> None:
    detail = {"plugin": review.plugin_id} | ({"reason": reason} if reason else {})
    record(session, actor, f"reviews.{verb}", "review", review.id, detail)
