"""From the bytes of a bundle to a plugin that answers, step by step, or back to where it began."""

import asyncio
from collections.abc import Collection
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from rising_bsm.accounts import Actor
from rising_bsm.bundle import TrustedKey, open_bundle
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict, Error
from rising_bsm.plugins.admission import check_host, grants_for
from rising_bsm.plugins.changes import Changes
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.keeping import bring_back_kept
from rising_bsm.plugins.keys import TrustedKeys
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.relations import Member, check_can_be_active, members
from rising_bsm.plugins.removal import Remover
from rising_bsm.plugins.states import State, Told, nobody
from rising_bsm.plugins.store import FileStore, sha256
from rising_bsm.plugins.switch import Switch
from rising_bsm.plugins.tables import InstalledPlugin

_log = structlog.get_logger("rising_bsm.plugins")


class AlreadyInstalled(Conflict):
    """There is a plugin of this name, or this very bundle, already."""

    code = "plugins.already_installed"


class Installer:
    """Installs bundles; what one step has done is undone when a later one fails."""

    def __init__(
        self,
        database: Database,
        bundles: FileStore,
        loader: Loader,
        switch: Switch,
        remover: Remover,
        changes: Changes,
    ) -> None:
        self._database = database
        self._bundles = bundles
        self._loader = loader
        self._switch = switch
        self._remover = remover
        self._changes = changes

    async def install(self, actor: Actor, data: bytes, chosen: Collection[str], told: Told = nobody) -> InstalledPlugin:
        """The plugin, active. Raises what `Plugins.install` says; nothing of it stays then."""
        row_id, digest = uuid7(), await asyncio.to_thread(sha256, data)
        plugin = InstalledPlugin(
            id=row_id, digest=digest, size=len(data), state=State.UPLOADED, grants=[], installed_by=actor.user_id
        )
        self._changes.claim(plugin)
        plugin_id: str | None = None
        # (1) uploaded: the row is there before the file is, so that there is never a file that nobody knows of
        await self._save(plugin)
        try:
            await asyncio.to_thread(self._bundles.put, digest, data)
            # (2) verified
            plugin_id = await self._verify(actor, plugin, data, chosen)
            await told("granted")
            async with self._changes.alone(plugin_id):
                # (3) staged
                await self._stage(plugin, plugin_id)
                await told("staged")
                # (4) active
                await self._switch.on(actor, plugin, "plugins.install")
        except BaseException:
            await finish(self._undo(row_id, plugin_id))
            raise
        return plugin

    async def _verify(self, actor: Actor, plugin: InstalledPlugin, data: bytes, chosen: Collection[str]) -> str:
        async with self._database.reading() as session:
            keys = await TrustedKeys(session).trusted()
        bundle = await asyncio.to_thread(open_bundle, data, keys)
        check_host(bundle.manifest)
        async with self._database.reading() as session:
            installed = members(await InstalledPlugins(session).named())
        said = bundle.manifest.model_dump(mode="json")
        check_can_be_active(Member.saying(said, bundle.manifest.id, active=True), installed)
        plugin.identify(bundle.manifest, bundle.key_id, grants_for(actor, bundle.manifest, chosen))
        await self._save(plugin, bring_back=keys)
        return bundle.manifest.id

    async def _stage(self, plugin: InstalledPlugin, plugin_id: str) -> None:
        await self._loader.load(plugin_id, plugin.digest)
        await self._switch.tell(plugin, "on_install")
        plugin.state = State.STAGED
        await self._save(plugin)

    async def _save(self, plugin: InstalledPlugin, bring_back: Collection[TrustedKey] | None = None) -> None:
        # Which of two installations wins is decided by the database.
        name = plugin.plugin_id
        try:
            async with self._database.transaction() as session:
                session.add(plugin)
                if bring_back is not None:
                    await session.flush()
                    await bring_back_kept(session, plugin, bring_back)
        except IntegrityError:
            raise AlreadyInstalled(
                f"{name or 'This bundle'} is installed already, or being installed at this moment.",
                place=name,
                next_step="To replace it by a newer version, use `rising-bsm update`; what it stored stays.",
            ) from None

    async def _undo(self, row_id: UUID, plugin_id: str | None) -> None:
        if plugin_id is not None:
            await self._switch.forget(plugin_id)
        # Found by its id alone: a row whose writing has failed cannot be asked for more.
        try:
            await self._remover.erase(row_id)
        except Error as error:
            _log.error("installation not undone; the next start will", row=str(row_id), error=error.as_dict())
