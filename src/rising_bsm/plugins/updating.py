"""Another version takes the place of the one that is installed, in one step; until then that one answers."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.bundle import open_bundle
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.db import Database
from rising_bsm.errors import Conflict, Error
from rising_bsm.plugins import snapshots
from rising_bsm.plugins.admission import check_accepted, check_successor, grants_before, grants_for
from rising_bsm.plugins.changes import check_held
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.keys import TrustedKeys
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.queries import check_replaced
from rising_bsm.plugins.removal import Remover
from rising_bsm.plugins.signers import asked_of_signer, trusted_by_people
from rising_bsm.plugins.states import State, Told, nobody
from rising_bsm.plugins.store import FileStore, sha256
from rising_bsm.plugins.switch import Switch
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import PluginVersion, PluginVersions, Role, exchange
from rising_bsm.runtime import Runtime
from rising_bsm.sandbox import PluginCode

_log = structlog.get_logger("rising_bsm.plugins")


class NothingToRollBack(Conflict):
    """No version before the one that is installed is kept."""

    code = "plugins.nothing_to_roll_back"


class NewerData(Conflict):
    """Since the update something was stored that a rollback would lose; somebody must choose."""

    code = "plugins.newer_data"


@dataclass(frozen=True)
class Replaced:
    """What became of an update or a rollback: the plugin as it is now, and what is different.

    `settings_reset` were set to values that they cannot have any more, `settings_missing` must be set.
    """

    plugin: InstalledPlugin
    from_version: str
    granted: list[str]
    withdrawn: list[str]
    settings_reset: list[str]
    settings_missing: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The plugin as JSON, with what is different as `replaced`."""
        names = ("from_version", "granted", "withdrawn", "settings_reset", "settings_missing")
        return self.plugin.as_dict() | {"replaced": {name: getattr(self, name) for name in names}}


class Updater:
    """Replaces versions of plugins that nobody else changes meanwhile; a step that fails leaves all as it was."""

    def __init__(
        self,
        database: Database,
        runtime: Runtime,
        bundles: FileStore,
        loader: Loader,
        switch: Switch,
        remover: Remover,
    ) -> None:
        self._database = database
        self._runtime = runtime
        self._bundles = bundles
        self._loader = loader
        self._switch = switch
        self._remover = remover

    async def update(
        self, actor: Actor, plugin: InstalledPlugin, data: bytes, accepted: Collection[str], told: Told = nobody
    ) -> Replaced:
        """The plugin in the version of this bundle. Raises what `Plugins.update` says; it is as it was then."""
        # (1) verified, and compared with what is installed
        version = await self._verified(actor, plugin, data, accepted)
        await self._check_relations(plugin, version.manifest)
        await self._remove_staged(version.plugin_id)
        await told("granted")
        # (2) staged: the row is there before the file is, so that there is never a file that nobody knows of
        async with self._database.transaction() as session:
            session.add(version)
            if "on_update" in version.manifest.exports.lifecycle:
                # What it does to what is stored is taken back by a rollback too.
                await snapshots.take(session, plugin, Role.STAGED)
        try:
            await asyncio.to_thread(self._bundles.put, version.digest, data)
            # (3) it runs in the sandbox, and has prepared itself
            code = await self._loader.load(version.plugin_id, version.digest)
            await self._runtime.run_lifecycle(self._switch.runnable(version, code), "on_update", str(plugin.version))
            await told("staged")
            # (4) it is the one that is installed
            replaced = await finish(self._replace(actor, plugin, version, code, Role.PREVIOUS))
        except BaseException:
            await finish(self._undo(version.plugin_id))
            raise
        return replaced

    async def rollback(
        self, actor: Actor, plugin: InstalledPlugin, *, keep_data: bool | None, action: str = "plugins.rollback"
    ) -> Replaced:
        """The plugin in the version that was installed before. Raises what `Plugins.rollback` says."""
        plugin_id = str(plugin.plugin_id)
        async with self._database.reading() as session:
            version = await PluginVersions(session).by_role(plugin_id, Role.PREVIOUS)
            taken = await snapshots.find(session, plugin_id, Role.PREVIOUS)
            newer = taken is not None and keep_data is None and await snapshots.differs(session, taken)
        if version is None:
            raise NothingToRollBack(
                f"No version of {plugin.plugin_id} before {plugin.version} is kept.",
                place=plugin.plugin_id,
                next_step="Two versions before the last update are kept, and a rollback takes one step.",
            )
        if newer:
            raise NewerData(
                f"{plugin_id} has stored data or was set anew since {version.version} was replaced.",
                place=plugin_id,
                next_step="Choose: keep the data as they are (keep), or take them back and lose what is new (restore).",
            )
        version.grants = sorted(grants_before(actor, plugin, version))
        await self._check_relations(plugin, version.manifest)
        code = await self._loader.load(version.plugin_id, version.digest)
        return await finish(self._replace(actor, plugin, version, code, Role.UNDONE, not keep_data, action))

    async def _verified(
        self, actor: Actor, plugin: InstalledPlugin, data: bytes, accepted: Collection[str]
    ) -> PluginVersion:
        async with self._database.reading() as session:
            keys = await TrustedKeys(session).trusted()
            in_person = await trusted_by_people(session, str(plugin.plugin_id).partition(".")[0])
        bundle = await asyncio.to_thread(open_bundle, data, keys)
        check_successor(plugin, bundle.manifest)
        signer = asked_of_signer(plugin, bundle.key_id, in_person)
        chosen = check_accepted(plugin.manifest, plugin.grants, bundle.manifest, accepted, signer)
        return PluginVersion(
            plugin_id=bundle.manifest.id,
            role=Role.STAGED,
            version=bundle.manifest.version,
            digest=await asyncio.to_thread(sha256, data),
            size=len(data),
            manifest_json=bundle.manifest.model_dump(mode="json"),
            grants=sorted(grants_for(actor, bundle.manifest, chosen, plugin.grants)),
            key_id=bundle.key_id,
        )

    async def _check_relations(self, plugin: InstalledPlugin, manifest: Manifest) -> None:
        async with self._database.reading() as session:
            await check_replaced(session, plugin, manifest)

    async def _replace(
        self,
        actor: Actor,
        plugin: InstalledPlugin,
        version: PluginVersion,
        code: PluginCode,
        kept: Role,
        take_back: bool = False,
        action: str = "plugins.update",
    ) -> Replaced:
        """Makes the version the installed one, and keeps that one as `kept`."""
        before, signed_by = (plugin.manifest, plugin.grants), plugin.key_id
        async with self._database.transaction() as session:
            await check_held(session, plugin)
            plugin = await session.get_one(InstalledPlugin, plugin.id)
            await _keep_data(session, plugin, kept, take_back=take_back)
            dropped = await exchange(session, plugin, version, kept)
            versions = {"from": before[0].version, "to": plugin.version}
            signer = {"key_id": plugin.key_id} if plugin.key_id != signed_by else {}
            record(session, actor, action, "plugin", plugin.plugin_id, versions | signer)
            await session.flush()
            # The others may have changed while the plugin ran.
            await check_replaced(session, plugin, version.manifest)
        # What failed in one version says nothing about another.
        self._runtime.accounting.breakers.reset(str(plugin.plugin_id))
        if plugin.state == State.ACTIVE:
            self._switch.attach(plugin, code)
        for digest in dropped:
            await self._delete_files(digest)
        return await self._replaced(plugin, *before)

    async def _replaced(self, plugin: InstalledPlugin, before: Manifest, grants: Collection[str]) -> Replaced:
        were, are = [await self._set(manifest) for manifest in (before, plugin.manifest)]
        needed = {one.name for one in plugin.manifest.settings if one.required and one.default is None}
        return Replaced(
            plugin=plugin,
            from_version=before.version,
            granted=sorted(set(plugin.grants) - set(grants)),
            withdrawn=sorted(set(grants) - set(plugin.grants)),
            settings_reset=sorted(were - are),
            settings_missing=sorted(needed - are),
        )

    async def _set(self, manifest: Manifest) -> set[str]:
        shown = await self._runtime.settings_of(manifest.id, manifest.settings).shown()
        return {one["name"] for one in shown if one["set"]}

    async def _undo(self, plugin_id: str) -> None:
        try:
            await self._remove_staged(plugin_id)
        except Error as error:
            _log.error("update not undone; the next one or start will", plugin=plugin_id, error=error.as_dict())

    async def _remove_staged(self, plugin_id: str) -> None:
        async with self._database.reading() as session:
            staged = await PluginVersions(session).by_role(plugin_id, Role.STAGED)
        if staged is not None:
            await self._remover.drop(staged)

    async def _delete_files(self, digest: str) -> None:
        try:
            await self._remover.delete_files(digest)
        except Error as error:
            _log.warning("old version not removed; the next start will", digest=digest, error=error.as_dict())


async def _keep_data(session: AsyncSession, plugin: InstalledPlugin, kept: Role, *, take_back: bool) -> None:
    """What belongs to the versions that are kept goes with them; a rollback takes it back, if that was chosen."""
    plugin_id = str(plugin.plugin_id)
    if kept is Role.PREVIOUS:
        await snapshots.drop(session, plugin_id, [Role.OLDER])
        await snapshots.rename(session, plugin_id, Role.PREVIOUS, Role.OLDER)
        if await snapshots.find(session, plugin_id, Role.STAGED):
            await snapshots.rename(session, plugin_id, Role.STAGED, Role.PREVIOUS)
        else:
            await snapshots.take(session, plugin, Role.PREVIOUS)
        return
    taken = await snapshots.find(session, plugin_id, Role.PREVIOUS)
    if taken is not None and take_back:
        await snapshots.restore(session, taken)
    await snapshots.drop(session, plugin_id, [Role.PREVIOUS])
    await snapshots.rename(session, plugin_id, Role.OLDER, Role.PREVIOUS)
