"""Bundles that people have brought: looked at first, and installed when somebody agrees to what is in them."""

import asyncio
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from rising_bsm.accounts import Actor
from rising_bsm.bundle import Manifest, VerifiedBundle, open_bundle
from rising_bsm.bundle.claim import Claim, read_claim
from rising_bsm.db import Database
from rising_bsm.errors import Error, NotFound
from rising_bsm.plugins.admission import NewPermissions, check_accepted, check_host, check_successor, grants_for
from rising_bsm.plugins.keys import TrustedKeys
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.relations import Member, check_can_be_active, members
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.signers import asked_of_signer, trusted_by_people
from rising_bsm.plugins.store import FileLost, FileStore, sha256
from rising_bsm.plugins.tables import InstalledPlugin

KEPT_SECONDS = 3_600
KEPT_FILES = 10


@dataclass(frozen=True)
class Arrival:
    """A bundle that waits for somebody to agree: what it claims, and its manifest once a trusted key vouches for it.

    `installed` is the version that it would replace. `asks` is what it demands in addition to that, by code, with the
    reasons; `refused` is why it cannot be installed as it is.
    """

    digest: str
    size: int
    claim: Claim
    manifest: Manifest | None = None
    installed: InstalledPlugin | None = None
    asks: Mapping[str, str] | None = None
    refused: Error | None = None


class Arrivals:
    """Bundles in `folder`: each for an hour, at most ten, and only for whoever brought it.

    Every method raises PermissionDenied unless the actor has `plugins.manage`.
    """

    def __init__(self, database: Database, plugins: Plugins, folder: Path) -> None:
        self._database = database
        self._plugins = plugins
        self._files = FileStore(folder)

    async def receive(self, actor: Actor, data: bytes) -> str:
        """Keeps the bundle for now; its SHA-256. Raises BundleError for bytes that are no signed bundle."""
        actor.require("plugins.manage")
        await asyncio.to_thread(read_claim, data)
        digest = await asyncio.to_thread(sha256, data)
        await asyncio.to_thread(self._files.put, _name(actor, digest), data)
        await asyncio.to_thread(self._tidy)
        return digest

    async def look(self, actor: Actor, digest: str) -> Arrival:
        """What is in the bundle, and what stands in its way. Raises NotFound (`plugins.bundle_gone`)."""
        data = await self._get(actor, digest)
        arrival = Arrival(digest, len(data), await asyncio.to_thread(read_claim, data))
        async with self._database.reading() as session:
            keys = await TrustedKeys(session).trusted()
            plugin = await InstalledPlugins(session).by_plugin_id(arrival.claim.plugin_id)
            in_person = await trusted_by_people(session, arrival.claim.publisher)
            others = members(await InstalledPlugins(session).named())
        try:
            bundle = await asyncio.to_thread(open_bundle, data, keys)
        except Error as error:
            return _with(arrival, refused=error)
        known = _with(arrival, manifest=bundle.manifest, installed=plugin)
        try:
            if plugin is None:
                _check_new(actor, bundle.manifest, others)
                return known
            return _with(known, asks=_asked(actor, plugin, bundle, in_person))
        except Error as error:
            return _with(known, refused=error)

    async def install(self, actor: Actor, digest: str, chosen: Collection[str] = ()) -> InstalledPlugin:
        """Installs the bundle, or updates the plugin with it; `chosen` are optional permissions, and for an update what
        is accepted of what it asks for. Raises NotFound, and what `Plugins.install` and `Plugins.update` raise."""
        data = await self._get(actor, digest)
        claim = await asyncio.to_thread(read_claim, data)
        async with self._database.reading() as session:
            there = await InstalledPlugins(session).by_plugin_id(claim.plugin_id)
        if there is None:
            plugin = await self._plugins.install(actor, data, chosen)
        else:
            plugin = (await self._plugins.update(actor, claim.plugin_id, data, chosen)).plugin
        await asyncio.to_thread(self._files.delete, _name(actor, digest))
        return plugin

    async def drop(self, actor: Actor, digest: str) -> None:
        """Forgets the bundle."""
        actor.require("plugins.manage")
        await asyncio.to_thread(self._files.delete, _name(actor, digest))

    async def _get(self, actor: Actor, digest: str) -> bytes:
        actor.require("plugins.manage")
        try:
            if not re.fullmatch("[0-9a-f]{64}", digest):
                raise FileLost("There is no such file.")
            return await asyncio.to_thread(self._files.get, _name(actor, digest), digest)
        except FileLost:
            raise NotFound(
                "This bundle is not here any more.",
                code="plugins.bundle_gone",
                place=digest[:64],
                next_step="Choose the file again: it is kept for an hour, for whoever brought it.",
            ) from None

    def _tidy(self) -> None:
        files = sorted(self._files.files(), key=lambda file: file.stat().st_mtime, reverse=True)
        oldest = time.time() - KEPT_SECONDS
        for place, file in enumerate(files):
            if place >= KEPT_FILES or file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)


def _name(actor: Actor, digest: str) -> str:
    return f"{actor.user_id}-{digest}"


def _with(arrival: Arrival, **known: object) -> Arrival:
    return Arrival(**(vars(arrival) | known))


def _check_new(actor: Actor, manifest: Manifest, others: Mapping[str, Member]) -> None:
    """Raises what would keep it from being installed, as far as that is known before it runs."""
    check_host(manifest)
    grants_for(actor, manifest)
    check_can_be_active(Member.saying(manifest.model_dump(mode="json"), manifest.id, active=True), others)


def _asked(
    actor: Actor, plugin: InstalledPlugin, bundle: VerifiedBundle, in_person: Collection[str]
) -> Mapping[str, str]:
    """What the newer version asks for in addition. Raises what would keep it from replacing the plugin."""
    check_successor(plugin, bundle.manifest)
    grants_for(actor, bundle.manifest, (), plugin.grants)
    signer = asked_of_signer(plugin, bundle.key_id, in_person)
    try:
        check_accepted(plugin.manifest, plugin.grants, bundle.manifest, (), signer)
    except NewPermissions as more:
        return more.fields
    return {}
