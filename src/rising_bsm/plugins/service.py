"""What is done with plugins: installing, switching on and off, removing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from rising_bsm.accounts import Actor
from rising_bsm.bundle import BundleError
from rising_bsm.db import Database
from rising_bsm.errors import Error, NotFound
from rising_bsm.plugins.changes import BeingChanged, Changes
from rising_bsm.plugins.installing import Installer
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.removal import Remover
from rising_bsm.plugins.states import SETTLED, State
from rising_bsm.plugins.store import FileStore
from rising_bsm.plugins.switch import Switch
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime import LogLine, Runtime
from rising_bsm.sandbox import Pool

_log = structlog.get_logger("rising_bsm.plugins")


class Plugins:
    """The plugins of one running application; no other may work on the same database and folders.

    Every method that takes an actor raises PermissionDenied unless the actor has `plugins.manage`.
    """

    def __init__(
        self, database: Database, runtime: Runtime, pool: Pool, *, bundles: FileStore, codes: FileStore, guest: str
    ) -> None:
        self._database = database
        self._runtime = runtime
        self._changes = Changes()
        self._loader = Loader(database, pool, bundles, codes, guest)
        self._switch = Switch(database, runtime, self._loader)
        self._remover = Remover(database, bundles, codes)
        self._installer = Installer(database, bundles, self._loader, self._switch, self._remover, self._changes)

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

    async def log(self, actor: Actor, plugin_id: str, limit: int) -> Sequence[LogLine]:
        """The newest lines of the plugin's log, the newest first. Raises NotFound."""
        await self.get(actor, plugin_id)
        return await self._runtime.log_of(plugin_id, limit)

    async def install(self, actor: Actor, data: bytes) -> InstalledPlugin:
        """Installs a signed bundle, grants all that it asks for, and switches it on; or nothing of it stays.

        Raises BundleError, WrongHost, UnknownPermission, PermissionForPeople, PermissionDenied for a permission that
        the actor cannot grant, AlreadyInstalled, BeingChanged, and what loading or running the plugin raises.
        """
        actor.require("plugins.manage")
        return await self._installer.install(actor, data)

    async def activate(self, actor: Actor, plugin_id: str) -> InstalledPlugin:
        """Switches the plugin on; one that is on and cannot run is tried anew.

        Raises NotFound, BeingChanged, and what loading or running the plugin raises.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            if plugin.state == State.INACTIVE:
                await self._switch.on(actor, plugin, "plugins.activate")
            elif plugin.problem:
                await self._loader.load(plugin_id)
            return await self._named(plugin_id)

    async def deactivate(self, actor: Actor, plugin_id: str) -> InstalledPlugin:
        """Switches the plugin off and keeps what it stored. Raises NotFound, BeingChanged."""
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            if plugin.state == State.ACTIVE:
                await self._switch.off(actor, plugin, "plugins.deactivate", State.INACTIVE)
            return plugin

    async def uninstall(self, actor: Actor, plugin_id: str) -> None:
        """Removes the plugin and everything it stored and logged; finished at the next start if it is interrupted.

        Raises NotFound, BeingChanged, StoreUnusable.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state in SETTLED:
                await self._switch.off(actor, plugin, "plugins.uninstall", State.REMOVING)
                await self._switch.bid_farewell(plugin, "on_uninstall")
            # Calls that still run could write what nobody would remove.
            await self._runtime.forget(plugin_id)
            await self._remover.erase(plugin.id)

    async def recheck(self, key_id: str) -> None:
        """Looks anew whether the active plugins that this key has signed may run."""
        async with self._database.reading() as session:
            signed = await InstalledPlugins(session).active_signed_with(key_id)
        for plugin_id in [str(plugin.plugin_id) for plugin in signed]:
            with suppress(Error):
                await self._recheck(plugin_id)

    async def _recheck(self, plugin_id: str) -> None:
        plugin = await self._named(plugin_id)
        # One that is being switched on is checked with the keys of this moment before it is used.
        if plugin.state == State.ACTIVE and not self._changes.is_running(plugin_id):
            # Attached anew, it has no code until that is loaded, and loading is where it is checked.
            self._switch.attach(plugin)
            await self._loader.load(plugin_id)

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
        actor.require("plugins.manage")
        with self._changes.alone(plugin_id):
            yield await self._named(plugin_id)

    def _attach_if_possible(self, plugin: InstalledPlugin) -> None:
        try:
            self._switch.attach(plugin)
        except BundleError as error:
            _log.error("plugin not attached", plugin=plugin.plugin_id, error=error.as_dict())
