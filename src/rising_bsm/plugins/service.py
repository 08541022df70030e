"""What is done with plugins: installing, switching on and off, removing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from rising_bsm.accounts import Actor
from rising_bsm.bundle import BundleError, open_bundle
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict, Error, NotFound
from rising_bsm.plugins.admission import check_host, grants_for
from rising_bsm.plugins.keys import TrustedKeys
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.removal import Remover
from rising_bsm.plugins.states import SETTLED, State
from rising_bsm.plugins.store import FileStore, sha256
from rising_bsm.plugins.switch import Switch
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.log import LogLine
from rising_bsm.runtime.runtime import Runtime
from rising_bsm.sandbox import Pool

_log = structlog.get_logger("rising_bsm.plugins")


class AlreadyInstalled(Conflict):
    """There is a plugin of this name, or this very bundle, already."""

    code = "plugins.already_installed"


class BeingChanged(Conflict):
    """Something else is being done to the plugin at this moment."""

    code = "plugins.being_changed"


class Plugins:
    """The plugins of one running application; no other may work on the same database and folders.

    Every method raises PermissionDenied unless the actor has `plugins.manage`.
    """

    def __init__(
        self, database: Database, runtime: Runtime, pool: Pool, *, bundles: FileStore, codes: FileStore, guest: str
    ) -> None:
        self._database = database
        self._runtime = runtime
        self._bundles = bundles
        self._loader = Loader(database, pool, bundles, codes, guest)
        self._switch = Switch(database, runtime, self._loader)
        self._remover = Remover(database, bundles, codes)
        self._changing: set[str] = set()

    async def start(self) -> None:
        """Makes the active plugins answer, without running them, and removes what an interruption left half done."""
        for plugin in await self._all():
            if plugin.state not in SETTLED:
                await self._remover.erase(plugin.id)
        settled = await self._all()
        await self._remover.sweep(settled)
        for plugin in settled:
            if plugin.state == State.ACTIVE:
                self._attach_if_possible(plugin)

    async def list(self, actor: Actor) -> Sequence[InstalledPlugin]:
        """All plugins by name."""
        actor.require("plugins.manage")
        async with self._database.reading() as session:
            return await InstalledPlugins(session).named()

    async def get(self, actor: Actor, plugin_id: str) -> InstalledPlugin:
        """The plugin `publisher.name`; raises NotFound (`plugins.not_found`)."""
        actor.require("plugins.manage")
        return await self._named(plugin_id)

    async def install(self, actor: Actor, data: bytes) -> InstalledPlugin:
        """Installs a signed bundle, grants all that it asks for, and switches it on; or nothing of it stays.

        Raises BundleError, WrongHost, UnknownPermission, PermissionForPeople, PermissionDenied for a permission that
        the actor cannot grant, AlreadyInstalled, BeingChanged, and what loading or running the plugin raises.
        """
        actor.require("plugins.manage")
        digest = await asyncio.to_thread(sha256, data)
        row_id = uuid7()
        plugin = InstalledPlugin(
            id=row_id, digest=digest, size=len(data), state=State.UPLOADED, grants=[], installed_by=actor.user_id
        )
        # (1) uploaded: the row is there before the file is, so that the file is never left alone
        await self._save(plugin)
        try:
            await asyncio.to_thread(self._bundles.put, digest, data)
            # (2) verified
            await self._verify(actor, plugin, data)
            # (3) staged
            await self._stage(plugin)
            # (4) active
            await self._switch.on(actor, plugin, "plugins.install")
        except BaseException:
            await asyncio.shield(self._undo(row_id))
            raise
        return plugin

    async def log(self, actor: Actor, plugin_id: str, limit: int) -> Sequence[LogLine]:
        """The newest lines of the plugin's log, the newest first. Raises NotFound."""
        await self.get(actor, plugin_id)
        return await self._runtime.log_of(plugin_id, limit)

    async def activate(self, actor: Actor, plugin_id: str) -> InstalledPlugin:
        """Switches the plugin on; does nothing for one that runs. Raises NotFound, BeingChanged, what it raises."""
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state == State.INACTIVE or plugin.problem:
                await self._switch.on(actor, plugin, "plugins.activate")
        return plugin

    async def deactivate(self, actor: Actor, plugin_id: str) -> InstalledPlugin:
        """Switches the plugin off and keeps what it stored. Raises NotFound, BeingChanged."""
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state == State.ACTIVE:
                await self._switch.off(actor, plugin, "plugins.deactivate", State.INACTIVE)
        return plugin

    async def uninstall(self, actor: Actor, plugin_id: str) -> None:
        """Removes the plugin and everything it stored and logged; finished at the next start if it is interrupted.

        Raises NotFound, BeingChanged, StoreUnusable.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state != State.REMOVING:
                await self._switch.off(actor, plugin, "plugins.uninstall", State.REMOVING)
                await self._switch.bid_farewell(plugin, "on_uninstall")
            # Calls that still run could write what nobody would remove.
            await self._runtime.forget(plugin_id)
            await self._remover.erase(plugin.id)

    async def recheck(self, key_id: str) -> None:
        """Looks anew whether the active plugins that this key has signed may run."""
        async with self._database.reading() as session:
            signed = await InstalledPlugins(session).active_signed_with(key_id)
        for plugin in signed:
            # Attached again, a plugin has no code until it is loaded, and that is where it is checked.
            self._switch.attach(plugin)
            with suppress(Error):
                await self._loader.load(str(plugin.plugin_id))

    async def _verify(self, actor: Actor, plugin: InstalledPlugin, data: bytes) -> None:
        async with self._database.reading() as session:
            keys = await TrustedKeys(session).trusted()
        bundle = await asyncio.to_thread(open_bundle, data, keys)
        check_host(bundle.manifest)
        plugin.identify(bundle.manifest, bundle.key_id, grants_for(actor, bundle.manifest))
        await self._save(plugin)

    async def _stage(self, plugin: InstalledPlugin) -> None:
        await self._loader.load(str(plugin.plugin_id))
        await self._switch.tell(plugin, "on_install")
        plugin.state = State.STAGED
        await self._save(plugin)

    async def _save(self, plugin: InstalledPlugin) -> None:
        # Which of two installations wins is decided by the database.
        name = plugin.plugin_id
        try:
            async with self._database.transaction() as session:
                session.add(plugin)
        except IntegrityError:
            raise AlreadyInstalled(
                f"{name or 'This bundle'} is installed already, or being installed at this moment.",
                place=name,
                next_step="To replace it, uninstall it first, which removes all that it stored.",
            ) from None

    async def _undo(self, row_id: UUID) -> None:
        try:
            await self._remover.erase(row_id)
        except Error as error:
            _log.error("installation not undone; the next start will", row=str(row_id), error=error.as_dict())

    async def _all(self) -> Sequence[InstalledPlugin]:
        async with self._database.reading() as session:
            return await InstalledPlugins(session).all()

    async def _named(self, plugin_id: str) -> InstalledPlugin:
        async with self._database.reading() as session:
            plugin = await InstalledPlugins(session).by_plugin_id(plugin_id)
        if plugin is None:
            raise NotFound(
                "No plugin of this name is installed.",
                code="plugins.not_found",
                place=plugin_id,
                next_step="See GET /api/plugins for those that are.",
            )
        return plugin

    @asynccontextmanager
    async def _alone(self, actor: Actor, plugin_id: str) -> AsyncIterator[InstalledPlugin]:
        """The plugin, while nobody else changes it."""
        actor.require("plugins.manage")
        if plugin_id in self._changing:
            raise _being_changed(plugin_id)
        self._changing.add(plugin_id)
        try:
            plugin = await self._named(plugin_id)
            if plugin.state not in (*SETTLED, State.REMOVING):
                raise _being_changed(plugin_id)
            yield plugin
        finally:
            self._changing.discard(plugin_id)

    def _attach_if_possible(self, plugin: InstalledPlugin) -> None:
        try:
            self._switch.attach(plugin)
        except BundleError as error:
            _log.error("plugin not attached", plugin=plugin.plugin_id, error=error.as_dict())


def _being_changed(plugin_id: str) -> BeingChanged:
    return BeingChanged(
        f"{plugin_id} is being installed, changed or removed at this moment.",
        place=plugin_id,
        next_step="Try again in a moment.",
    )
