"""Submissions and publishing, put together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rising_bsm.analysis.everything import Surroundings
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.scan import scan
from rising_bsm.db import Database
from rising_bsm.marketplace.index.service import Index
from rising_bsm.marketplace.publishing.dashboard import Census, Dashboard
from rising_bsm.marketplace.publishing.publishers import Publishers
from rising_bsm.marketplace.publishing.revoking import KeyRevocations
from rising_bsm.marketplace.publishing.routes import PublishingRoutes
from rising_bsm.marketplace.publishing.suspending import Suspensions
from rising_bsm.marketplace.publishing.versions import Versions
from rising_bsm.marketplace.submissions.approval import Shelving
from rising_bsm.marketplace.submissions.queries import OpenBlobs
from rising_bsm.marketplace.submissions.routes import SubmissionRoutes
from rising_bsm.marketplace.submissions.scanner import Scanner
from rising_bsm.marketplace.submissions.service import Submissions
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
        self.scanner = Scanner(database, blobs, look, shelving.finish_all)
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
        """What others have left is finished, and what is submitted is scanned, until this ends."""
        async with self.scanner:
            yield
