"""The tables of submissions, by the questions that are asked of them."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.analysis.names import Neighbour
from rising_bsm.bundle import TrustedKey
from rising_bsm.marketplace.blobs.store import Blobs
from rising_bsm.marketplace.catalogue.tables import MarketKey, MarketPlugin, MarketVersion, Publisher
from rising_bsm.marketplace.submissions.states import OPEN, State
from rising_bsm.marketplace.submissions.tables import Decision, Submission

OpenBlobs = Callable[[], Blobs]
"""Where bundles are kept, which is opened when it is first needed."""

_WAITING = (State.SUBMITTED, State.SCANNING)


class SubmissionQueries:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, submission_id: UUID) -> Submission | None:
        """The submission with this id."""
        return await self._session.get(Submission, submission_id, populate_existing=True)

    async def page(
        self, which: Sequence[ColumnElement[bool]], before: UUID | None, limit: int
    ) -> tuple[list[Submission], UUID | None]:
        """At most `limit` of them, the newest first, and where the next page begins."""
        query = select(Submission).where(*which).order_by(Submission.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(Submission.id < before)
        rows = list((await self._session.scalars(query)).all())
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

    async def open_of(self, publisher: str) -> int:
        """How many submissions of the publisher something still follows."""
        query = select(func.count()).select_from(Submission)
        mine = (Submission.publisher == publisher, Submission.state.in_(OPEN))
        return await self._session.scalar(query.where(*mine)) or 0

    async def position(self, submission: Submission) -> int | None:
        """Its place in the queue it is in, to be scanned or to be reviewed; None in neither."""
        if submission.submitted_at is None or submission.state not in (*_WAITING, State.IN_REVIEW):
            return None
        same = _WAITING if submission.state in _WAITING else (State.IN_REVIEW,)
        earlier = or_(
            Submission.submitted_at < submission.submitted_at,
            and_(Submission.submitted_at == submission.submitted_at, Submission.id <= submission.id),
        )
        query = select(func.count()).select_from(Submission).where(Submission.state.in_(same), earlier)
        return await self._session.scalar(query)

    async def decisions(self, submission_id: UUID) -> list[Decision]:
        """What was decided about it, the oldest first."""
        query = select(Decision).where(Decision.submission_id == submission_id).order_by(Decision.id)
        return list((await self._session.scalars(query)).all())

    async def move(self, submission_id: UUID, start: State, end: State, **values: Any) -> bool:
        """Whether the submission was in the state `start`; then it is in `end`, which is decided by the database."""
        kept = {} if end in OPEN else {"open_for": None}
        moved = await self._session.execute(
            update(Submission)
            .where(Submission.id == submission_id, Submission.state == start)
            .values(state=end, **kept, **values)
            .returning(Submission.id)
            .execution_options(synchronize_session=False)
        )
        return moved.first() is not None

    async def next_to_scan(self, moment: datetime) -> Submission | None:
        """The oldest that waits for its scan, or whose scan was broken off."""
        left = and_(Submission.state == State.SCANNING, Submission.claimed_until < moment)
        query = select(Submission).where(or_(Submission.state == State.SUBMITTED, left))
        return await self._session.scalar(query.order_by(Submission.submitted_at, Submission.id).limit(1))

    async def claim(self, submission: Submission, who: UUID, moment: datetime, until: datetime) -> bool:
        """Whether `who` is the one to scan it, until this moment; for one who has it already, whether it still has."""
        free = or_(
            Submission.state == State.SUBMITTED,
            and_(
                Submission.state == State.SCANNING,
                or_(Submission.claimed_until < moment, Submission.claimed_by == who),
            ),
        )
        claimed = await self._session.execute(
            update(Submission)
            .where(Submission.id == submission.id, free)
            .values(state=State.SCANNING, claimed_by=who, claimed_until=until)
            .returning(Submission.id)
            .execution_options(synchronize_session=False)
        )
        return claimed.first() is not None

    async def scanned(self, submission_id: UUID, who: UUID, findings: list[dict[str, str]], moment: datetime) -> bool:
        """Whether `who` still had it; then it has these findings and waits for its review."""
        done = await self._session.execute(
            update(Submission)
            .where(Submission.id == submission_id, Submission.state == State.SCANNING, Submission.claimed_by == who)
            .values(state=State.IN_REVIEW, findings=findings, scanned_at=moment, claimed_by=None, claimed_until=None)
            .returning(Submission.id)
            .execution_options(synchronize_session=False)
        )
        return done.first() is not None

    async def unfinished(self) -> list[UUID]:
        """Those that are approved and not yet in the catalogue."""
        query = select(Submission.id).where(Submission.unfinished).order_by(Submission.id)
        return list((await self._session.scalars(query)).all())

    async def finish(self, submission_id: UUID) -> bool:
        """Whether it was unfinished; it is no more."""
        done = await self._session.execute(
            update(Submission)
            .where(Submission.id == submission_id, Submission.unfinished)
            .values(unfinished=False)
            .returning(Submission.id)
            .execution_options(synchronize_session=False)
        )
        return done.first() is not None


class ShelfQueries:
    """What submissions need to know of the catalogue."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def owned_by(self, user_id: UUID | None) -> list[str]:
        """The publishers that this person acts for."""
        if user_id is None:
            return []
        query = select(Publisher.name).where(Publisher.owner_id == user_id).order_by(Publisher.name)
        return list((await self._session.scalars(query)).all())

    async def owner_of(self, publisher: str) -> UUID | None:
        """Who acts for the publisher."""
        return await self._session.scalar(select(Publisher.owner_id).where(Publisher.name == publisher))

    async def lock(self, publisher: str) -> None:
        """What becomes of the publisher's versions is decided one after the other, to the end of the transaction."""
        locked = select(Publisher.id).where(Publisher.name == publisher)
        await self._session.execute(locked.with_for_update(key_share=True))

    async def key(self, key_id: str) -> MarketKey | None:
        """The key with this id, revoked or not, as it is stored now."""
        query = select(MarketKey).where(MarketKey.key_id == key_id)
        return await self._session.scalar(query.execution_options(populate_existing=True))

    async def keys_of(self, publishers: Collection[str]) -> list[TrustedKey]:
        """The keys that may sign bundles of these publishers."""
        query = select(MarketKey).where(MarketKey.publisher.in_(publishers), MarketKey.revoked_at.is_(None))
        return [key.trusted for key in (await self._session.scalars(query)).all()]

    async def keys_for(self, version: MarketVersion, publisher: str) -> list[str]:
        """The keys, in their text form, by which the version is known: the publisher's, and the one that has signed it.

        A key that was put away signs nothing new, but what it has signed is what it was.
        """
        counting = [str(key.public_key) for key in await self.keys_of([publisher])]
        signer = await self.key(version.key_id)
        own = [signer.public_key] if signer is not None and signer.compromised_at is None else []
        return list(dict.fromkeys(counting + own))

    async def shelved_by(self, publisher: str) -> list[MarketVersion]:
        """Every version of each of the publisher's plugins."""
        named = select(MarketPlugin.plugin_id).where(MarketPlugin.publisher == publisher)
        query = select(MarketVersion).where(MarketVersion.plugin_id.in_(named))
        return list((await self._session.scalars(query.order_by(MarketVersion.id))).all())

    async def versions_of(self, plugin_id: str) -> list[MarketVersion]:
        """Every version that was ever approved, in no order."""
        query = select(MarketVersion).where(MarketVersion.plugin_id == plugin_id)
        return list((await self._session.scalars(query)).all())

    async def version(self, plugin_id: str, version: str) -> MarketVersion | None:
        """One version as it is stored now."""
        query = select(MarketVersion).where(MarketVersion.plugin_id == plugin_id, MarketVersion.version == version)
        return await self._session.scalar(query.execution_options(populate_existing=True))

    async def plugin(self, plugin_id: str) -> MarketPlugin | None:
        """The plugin in the catalogue."""
        return await self._session.scalar(select(MarketPlugin).where(MarketPlugin.plugin_id == plugin_id))

    async def neighbours(self) -> list[Neighbour]:
        """Every plugin by its names: those of the catalogue, and those that may be there soon."""
        listed = await self._session.execute(select(MarketPlugin.plugin_id, MarketPlugin.display_name))
        waiting = select(Submission.plugin_id, Submission.manifest_json)
        waiting = waiting.where(Submission.state.in_(OPEN - {State.DRAFT}))
        names = {(plugin_id, name) for plugin_id, name in listed}
        for plugin_id, manifest in await self._session.execute(waiting):
            names.add((plugin_id, manifest["display_name"]))
        return [Neighbour(*both) for both in sorted(names)]

    async def unpacked_before(self, plugin_id: str) -> int | None:
        """How large the version was that was approved last, unpacked, in bytes."""
        query = select(Submission.unpacked_size).where(
            Submission.plugin_id == plugin_id, Submission.state == State.APPROVED
        )
        return await self._session.scalar(query.order_by(Submission.id.desc()).limit(1))
