"""A marketplace with everything that it signs, beside an instance that installs from it: two databases, no network."""

import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.bundle import SigningKey, open_unsigned
from rising_bsm.db import Database, now
from rising_bsm.errors import NotFound
from rising_bsm.licensing import LicenceType, encrypt, new_content_key
from rising_bsm.marketplace.blobs.store import Blobs
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion
from rising_bsm.marketplace.content_keys import seal_content_key
from rising_bsm.marketplace.index import Index, IndexRoutes
from rising_bsm.marketplace.licences.tables import Activation
from rising_bsm.marketplace.market import MANIFEST
from rising_bsm.marketplace.selling import Selling
from rising_bsm.plugins.market.acquisitions import Acquisitions
from rising_bsm.plugins.market.side import MarketSide, open_side
from rising_bsm.plugins.market.tables import Acquisition
from rising_bsm.plugins.market.transport import LocalTransport, MarketUnreachable
from rising_bsm.runtime import Cipher
from rising_bsm.runtime.system import SystemAnswer, SystemPlugin, SystemPlugins, SystemRequest, route
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import Instance, open_plugins

SECRET = b"s" * 32


class BlobShelf:
    """Hands out what there is, in chunks of 1,000 bytes."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.spoiled = False

    @route("GET", "/blobs/{sha256}", public=True)
    async def shelf(self, request: SystemRequest) -> SystemAnswer:
        data = await self._blobs.read(request.params["sha256"])
        data = bytes(len(data)) if self.spoiled else data
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))

        async def chunks() -> AsyncIterator[bytes]:
            for at in range(start, len(data), 1_000):
                yield data[at : at + 1_000]

        return SystemAnswer(chunks(), status=206 if start else 200, content_type="application/octet-stream")


@dataclass
class MarketPlace:
    """A marketplace on a database of its own."""

    database: Database
    index: Index
    selling: Selling
    blobs: Blobs
    cipher: Cipher
    system: SystemPlugins
    shelf: "BlobShelf"

    async def publish(
        self,
        bundle: bytes,
        *,
        key: SigningKey | None = None,
        channel: str = "stable",
        security: bool = False,
        released_at: datetime | None = None,
        served: bytes | None = None,
    ) -> MarketVersion:
        """The bundle is to be had; encrypted if it is paid for. `served` are other bytes than those it says it has."""
        known = {"channel": channel, "security": security, "released_at": released_at, "served": served}
        return await publish(self.database, self.index, self.blobs, self.cipher, bundle, key=key, **known)

    async def mark(self, version: MarketVersion, status: VersionStatus, reason: str = "") -> None:
        """The version has this status from now on."""
        async with self.database.transaction() as session:
            row = await session.get_one(MarketVersion, version.id)
            row.status, row.reason = status, reason
            plugin = await _plugin(session, row.manifest)
            await session.flush()
            await self.index.put(row, plugin, [str(make_key().public_key)], session=session)

    async def sell(self, plugin_id: str = "acme.test", *, max_installs: int = 1) -> str:
        """The key of a new licence."""
        sold = await self.selling.sales.sell(
            SYSTEM,
            {"plugin": plugin_id, "type": str(LicenceType.BASIC), "max_installs": max_installs, "holder": "Bakery"},
        )
        return sold.key.text

    def spoil(self) -> None:
        """What is handed out has other bytes than it should, as many as before."""
        self.shelf.spoiled = True

    async def seats(self) -> int:
        """How many seats are taken."""
        async with self.database.reading() as session:
            return len((await session.scalars(select(Activation).where(Activation.released_at.is_(None)))).all())


async def publish(
    database: Database,
    index: Index,
    blobs: Blobs,
    cipher: Cipher,
    bundle: bytes,
    *,
    key: SigningKey | None = None,
    channel: str = "stable",
    security: bool = False,
    released_at: datetime | None = None,
    served: bytes | None = None,
) -> MarketVersion:
    """The bundle is to be had in this marketplace, as `MarketPlace.publish` says."""
    manifest = open_unsigned(bundle).manifest
    content_key = new_content_key() if manifest.pricing.model == "paid" else None
    about = {"plugin": manifest.id, "version": manifest.version}
    blob = await blobs.put(encrypt(bundle, content_key, **about) if content_key else served or bundle)
    version = MarketVersion(
        plugin_id=manifest.id,
        version=manifest.version,
        channel=channel,
        status=VersionStatus.PUBLISHED,
        bundle_sha256=open_unsigned(bundle).digest,
        bundle_size=len(bundle),
        blob_sha256=blob.sha256,
        blob_size=blob.size,
        encrypted=content_key is not None,
        content_key=seal_content_key(cipher, manifest.id, manifest.version, content_key) if content_key else None,
        key_id=(key or make_key()).public_key.key_id,
        security=security,
        released_at=released_at or now(),
        manifest_json=manifest.model_dump(mode="json"),
    )
    async with database.transaction() as session:
        plugin = await _plugin(session, manifest)
        plugin.latest_version = manifest.version
        session.add(version)
        await session.flush()
        await index.put(version, plugin, [str((key or make_key()).public_key)], session=session)
    return version


async def _plugin(session: Any, manifest: Any) -> MarketPlugin:
    found: MarketPlugin | None = await session.scalar(select(MarketPlugin).where(MarketPlugin.plugin_id == manifest.id))
    if found is None:
        values = {"pricing": manifest.pricing.model, "trial_days": manifest.pricing.trial_days or 0}
        for name in ("publisher", "type", "host", "display_name", "description", "license"):
            values[name] = getattr(manifest, name)
        found = MarketPlugin(plugin_id=manifest.id, listed=True, **values)
        session.add(found)
        await session.flush()
    return found


@dataclass
class Line:
    """The way to a marketplace, that can be cut: after so many bytes of a download, or altogether."""

    system: SystemPlugins
    cut: bool = False
    bytes_left: int | None = None
    streamed: list[tuple[str, int]] = field(default_factory=list)
    refuse: str | None = None
    """An address that breaks the connection after the marketplace has done what it was asked."""
    killed_after: str = ""
    """An address: as `refuse`, but this process is killed then; `downloading` for the middle of a download."""

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        self._check()
        answer = await LocalTransport(self.system).ask(method, path, **given)
        self._kill(path)
        if path == self.refuse:
            raise MarketUnreachable("The answer was lost.")
        return answer

    async def stream(self, path: str, *, start: int = 0) -> AsyncGenerator[bytes, None]:
        self._check()
        if path.startswith("/blobs/"):
            self.streamed.append((path, start))
        async for chunk in LocalTransport(self.system).stream(path, start=start):
            if path.startswith("/blobs/") and self.bytes_left is not None:
                self.bytes_left -= len(chunk)
                if self.bytes_left < 0:
                    self.bytes_left = None
                    raise MarketUnreachable("The connection was lost.")
            yield chunk
            if path.startswith("/blobs/"):
                self._kill("downloading")

    def _kill(self, moment: str) -> None:
        if moment == self.killed_after:
            os.kill(os.getpid(), signal.SIGKILL)

    def _check(self) -> None:
        if self.cut:
            raise MarketUnreachable("There is no way there.")


@dataclass
class Shopper:
    """An instance and what it has to do with the marketplace."""

    instance: Instance
    side: MarketSide
    line: Line

    @property
    def acquisitions(self) -> Acquisitions:
        return self.side.acquisitions

    async def install(self, plugin: str = "acme.test", **draft: Any) -> Acquisition:
        """What became of it."""
        row = await self.acquisitions.install(SYSTEM, {"plugin": plugin, **draft})
        return await self.acquisitions.ended(row.id)


@asynccontextmanager
async def open_market(database: Database, folder: Path) -> AsyncIterator[MarketPlace]:
    """A marketplace on this database, with its bundles in the folder."""
    cipher = Cipher(SECRET)
    index = Index(database, cipher)
    selling = Selling(database, cipher, lambda: index.signing_key("license"))
    blobs, system = Blobs.at(str(folder / "blobs")), SystemPlugins()
    shelf = BlobShelf(blobs)
    system.add(SystemPlugin(MANIFEST, [IndexRoutes(index), *selling.parts, shelf]))
    yield MarketPlace(database, index, selling, blobs, cipher, system, shelf)


@asynccontextmanager
async def open_shopper(
    pool: Pool, database: Database, folder: Path, system: SystemPlugins, **options: Any
) -> AsyncIterator[Shopper]:
    """An instance on this database and folder that installs from there; ending it leaves everything as it is."""
    line = Line(system)
    async with open_plugins(pool, database, folder) as instance:
        known = (database, instance.runtime, instance.plugins, line, Cipher(SECRET))
        side = open_side(*known, folder=folder / "market", actor_of=nobody, **options)
        try:
            yield Shopper(instance, side, line)
        finally:
            await side.acquisitions.close()


async def nobody(_user_id: object) -> Actor:
    raise NotFound("There is nobody.", code="accounts.user_not_found")
