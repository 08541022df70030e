"""Submissions and publishing, put together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from rising_bsm.analysis.everything import Surroundings
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.scan import scan
from rising_bsm.db import Database
from rising_bsm.marketplace.index.service import Index
from rising_bsm.marketplace.publishing.dashboard import Census, Dashboard
from rising_bsm.marketplace.publishing.notices import Notices
from rising_bsm.marketplace.publishing.publishers import Publishers
from rising_bsm.marketplace.publishing.revoking import KeyRevocations
from rising_bsm.marketplace.publishing.routes import PublishingRoutes
from rising_bsm.marketplace.publishing.suspending import Suspensions
from rising_bsm.marketplace.publishing.versions import Versions
from rising_bsm.marketplace.submissions.approval import Shelving
from rising_bsm.marketplace.submissions.pruning import Pruning
from rising_bsm.marketplace.submissions.queries import OpenBlobs
from rising_bsm.marketplace.submissions.routes import SubmissionRoutes
from rising_bsm.marketplace.submissions.scanner import Scanner
from rising_bsm.marketplace.submissions.service import Submissions
from rising_bsm.plugins.market.upkeep import Job, Upkeep
from rising_bsm.runtime import Cipher
from rising_bsm.sandbox import Pool


class Office:
    """What publishers and the operator have to do with each other. Bundles are scanned while it is open."""

    def __init__(
        self, database: Database, cipher: Cipher, blobs: OpenBlobs, index: Index, pool: Pool, census: Census
    ) -> None:
        async def look(data: bytes, surroundings: Surroundings) -> Sequence[Finding]:
            return await scan(pool, data, surroundings)

        shelving = Shelving(database, cipher, blobs, index)
        notices, pruning = Notices(database, index), Pruning(database, blobs)
        self.scanner = Scanner(database, blobs, look, notices.to_review, shelving.finish_all)
        daily = {"market_index": notices.expiring, "market_bundles": pruning.prune}
        self.upkeep = Upkeep(database, {name: Job(work, timedelta(days=1)) for name, work in daily.items()})
        self.submissions = Submissions(database, blobs, shelving, self.scanner)
        self.publishers = Publishers(database)
        self.revocations = KeyRevocations(database, shelving)
        self.suspensions = Suspensions(database)
        self.versions = Versions(database, shelving)
        self.dashboard = Dashboard(database, census)

    @property
    def parts(self) -> Sequence[object]:
        """The routes."""
        publishing = PublishingRoutes(self.publishers, self.revocations, self.versions, self.dashboard)
        return (SubmissionRoutes(self.submissions), publishing)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Until this ends, what others left is finished, what is submitted is scanned, what is due daily is done."""
        async with self.scanner, self.upkeep:
            yield
