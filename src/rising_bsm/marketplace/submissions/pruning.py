"""Bundles of submissions that came to nothing are kept for a while, so that a decision can be understood later."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from rising_bsm.db import Database, now
from rising_bsm.marketplace.catalogue.tables import MarketVersion
from rising_bsm.marketplace.submissions.queries import OpenBlobs, ShelfQueries
from rising_bsm.marketplace.submissions.states import State
from rising_bsm.marketplace.submissions.tables import Submission

KEPT = timedelta(days=30)
"""How long after its end the bundle of a submission is kept."""
AT_A_TIME = 200
ENDED = (State.CHANGES_REQUESTED, State.REJECTED, State.WITHDRAWN)
_log = structlog.get_logger("rising_bsm.marketplace")


class Pruning:
    """Removes bundles that nothing refers to any more; what was found and decided about them stays."""

    def __init__(self, database: Database, blobs: OpenBlobs) -> None:
        self._database = database
        self._blobs = blobs

    async def prune(self, moment: datetime | None = None) -> None:
        """Removes what is due, some of it at a time. Raises BlobsUnusable."""
        before = (moment or now()) - KEPT
        due = select(Submission.id, Submission.publisher).where(
            Submission.state.in_(ENDED), Submission.bundle_gone_at.is_(None), Submission.updated_at < before
        )
        async with self._database.reading() as session:
            rows = (await session.execute(due.order_by(Submission.id).limit(AT_A_TIME))).all()
        for submission_id, publisher in rows:
            # The one publisher's next submission of the same bytes waits, and finds that they are gone.
            async with self._database.transaction() as session:
                await ShelfQueries(session).lock(publisher)
                await self._prune(session, await session.get_one(Submission, submission_id))

    async def _prune(self, session: AsyncSession, submission: Submission) -> None:
        digest = submission.bundle_sha256
        if not await _is_needed(session, submission):
            await self._blobs().delete(digest)
            _log.info("bundle removed", submission=str(submission.id), plugin=submission.plugin_id, digest=digest)
        submission.bundle_gone_at = now()


async def _is_needed(session: AsyncSession, submission: Submission) -> bool:
    """Whether a version is that bundle, or another submission whose bundle is still kept."""
    digest, other = submission.bundle_sha256, aliased(Submission)
    version = or_(MarketVersion.bundle_sha256 == digest, MarketVersion.blob_sha256 == digest)
    again = other.bundle_sha256 == digest, other.id != submission.id, other.bundle_gone_at.is_(None)
    needed = select(or_(exists().where(version), exists().where(*again)))
    return bool(await session.scalar(needed))
