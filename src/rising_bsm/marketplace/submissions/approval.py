"""From an approved submission to a version of the catalogue that the signed index lists.

The decision is one transaction, the version and its place in the index another; between them everything can be done
again. Whoever starts next finishes what a crash has left there (`Shelving.finish_all`).
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle import UnverifiedBundle, open_unsigned
from rising_bsm.db import Database
from rising_bsm.licensing.content import encrypt, new_content_key
from rising_bsm.marketplace.blobs.store import Blob
from rising_bsm.marketplace.catalogue.releasing import add_version, set_status
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketVersion
from rising_bsm.marketplace.content_keys import seal_content_key
from rising_bsm.marketplace.index.listing import listing_of
from rising_bsm.marketplace.index.service import Index
from rising_bsm.marketplace.submissions.queries import OpenBlobs, ShelfQueries, SubmissionQueries
from rising_bsm.marketplace.submissions.tables import Submission
from rising_bsm.runtime import Cipher

ICONS = ("icon.svg", "icon.png")
SCREENSHOTS = "screenshots/"


class Shelving:
    """Puts approved bundles on the shelf: blobs, version, index."""

    def __init__(self, database: Database, cipher: Cipher, blobs: OpenBlobs, index: Index) -> None:
        self._database = database
        self._cipher = cipher
        self._blobs = blobs
        self._index = index

    async def finish_all(self) -> None:
        """Finishes every approval that was begun."""
        async with self._database.reading() as session:
            unfinished = await SubmissionQueries(session).unfinished()
        for submission_id in unfinished:
            await self.finish(submission_id)

    async def finish(self, submission_id: UUID) -> None:
        """The approved submission becomes a version of the catalogue that the index lists, if it is none yet."""
        async with self._database.reading() as session:
            submission = await SubmissionQueries(session).by_id(submission_id)
        if submission is not None and submission.unfinished:
            await self._shelve(submission)

    async def list_version(self, session: AsyncSession, plugin_id: str, version: str) -> None:
        """In the transaction that has changed the version: the index lists it as it is now."""
        await session.flush()
        found = await ShelfQueries(session).version(plugin_id, version)
        assert found is not None
        await self._list(session, [found])

    async def list_publisher(self, session: AsyncSession, publisher: str) -> None:
        """In the transaction that has changed the publisher's keys: the index lists all of its versions with them."""
        await session.flush()
        await self._list(session, await ShelfQueries(session).shelved_by(publisher))

    async def _list(self, session: AsyncSession, versions: Sequence[MarketVersion]) -> None:
        shelf, items = ShelfQueries(session), []
        for version in versions:
            plugin = await shelf.plugin(version.plugin_id)
            assert plugin is not None
            listing = listing_of(version, plugin, await shelf.keys_for(version, plugin.publisher))
            items.append((listing, version.blob_sha256, version.blob_size))
        if items:
            await self._index.put_all(items, session=session)

    async def _shelve(self, submission: Submission) -> None:
        data = await self._blobs().read(submission.bundle_sha256)
        bundle = await asyncio.to_thread(open_unsigned, data)
        blob, content_key = await self._blob_of(bundle, data)
        icon, screenshots = await self._pictures(bundle)
        async with self._database.transaction() as session:
            if not await SubmissionQueries(session).finish(submission.id):
                return  # another process was quicker
            await add_version(
                session,
                bundle.manifest,
                channel=submission.channel,
                bundle_sha256=submission.bundle_sha256,
                bundle_size=submission.bundle_size,
                blob_sha256=blob.sha256,
                blob_size=blob.size,
                encrypted=content_key is not None,
                content_key=content_key,
                key_id=submission.key_id,
                readme=_text(bundle, "README.md"),
                changelog=_text(bundle, "CHANGELOG.md"),
                icon_sha256=icon,
                screenshots=screenshots,
                security=submission.security,
                submission_id=submission.id,
            )
            await _take_back_at_once(session, submission)
            await self.list_version(session, submission.plugin_id, submission.version)

    async def _blob_of(self, bundle: UnverifiedBundle, data: bytes) -> tuple[Blob, str | None]:
        """What is handed out: the bundle, or where it is to be paid for, its ciphertext and the sealed key to it."""
        manifest = bundle.manifest
        if manifest.pricing.model == "free":
            return Blob(sha256(data).hexdigest(), len(data)), None
        key = new_content_key()
        encrypted = await asyncio.to_thread(encrypt, data, key, plugin=manifest.id, version=manifest.version)
        blob = await self._blobs().put(encrypted)
        return blob, seal_content_key(self._cipher, manifest.id, manifest.version, key)

    async def _pictures(self, bundle: UnverifiedBundle) -> tuple[str | None, list[str]]:
        icon = next((bundle.files[name] for name in ICONS if name in bundle.files), None)
        shown = [bundle.files[name] for name in sorted(bundle.files) if name.startswith(SCREENSHOTS)]
        stored = [(await self._blobs().put(picture)).sha256 for picture in shown]
        return (await self._blobs().put(icon)).sha256 if icon else None, stored


async def _take_back_at_once(session: AsyncSession, submission: Submission) -> None:
    """What was approved before its key was found to be compromised is in the catalogue, so that it is not had."""
    key = await ShelfQueries(session).key(submission.key_id)
    if key is not None and key.compromised_at is not None:
        revoked = VersionStatus.REVOKED, key.because
        await set_status(session, submission.plugin_id, submission.version, *revoked)


def _text(bundle: UnverifiedBundle, name: str) -> str:
    return bundle.files.get(name, b"").decode("utf-8", "replace")
