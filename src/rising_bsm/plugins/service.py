"""What is done with plugins: installing, switching on and off, removing."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.db import Database
from rising_bsm.errors import Error, NotFound
from rising_bsm.plugins.admission import grants_for
from rising_bsm.plugins.changes import BeingChanged, Changes
from rising_bsm.plugins.choices import changed_hooks
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.following import Follower
from rising_bsm.plugins.installing import Installer
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.removal import Remover
from rising_bsm.plugins.states import SETTLED, State
from rising_bsm.plugins.store import FileStore
from rising_bsm.plugins.switch import Switch
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.updating import Replaced, Updater
from rising_bsm.plugins.versions import PluginVersion, PluginVersions
from rising_bsm.runtime import LogLine, Runtime
from rising_bsm.runtime.plugin import BreakerMode
from rising_bsm.sandbox import Pool


class Plugins:
    """The plugins of one process; others may work on the same PostgreSQL database, if they have the same folders.

    Every method that takes an actor raises PermissionDenied unless the actor has `plugins.manage`.
    """

    def __init__(
        self, database: Database, runtime: Runtime, pool: Pool, *, bundles: FileStore, codes: FileStore, guest: str
    ) -> None:
        self._database = database
        self._runtime = runtime
        self._changes = Changes(database)
        self._loader = Loader(database, pool, bundles, codes, guest)
        self._switch = Switch(database, runtime, self._loader)
        self._remover = Remover(database, bundles, codes)
        self._installer = Installer(database, bundles, self._loader, self._switch, self._remover, self._changes)
        self._updater = Updater(database, runtime, bundles, self._loader, self._switch, self._remover)
        self._follower = Follower(database, self._switch, self._remover, self._changes)

    async def start(self) -> None:
        """Makes the active plugins answer, without running them, and removes what an interruption left half done."""
        self._runtime.accounting.give_up = self.give_up
        if self._database.url.get_backend_name() == "sqlite":
            await self._changes.forget_others()
        await self._follower.clean_up()
        await self._remover.sweep()
        for plugin in await self._all():
            if plugin.state == State.ACTIVE:
                self._follower.attach_if_possible(plugin)

    def following(self) -> AbstractAsyncContextManager[None]:
        """Inside, what other processes do with plugins takes effect here within a second."""
        return self._follower.following()

    async def follow(self) -> None:
        """What other processes have done with plugins takes effect here, now."""
        await self._follower.look()

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

    async def install(self, actor: Actor, data: bytes, chosen: Collection[str] = ()) -> InstalledPlugin:
        """Installs a signed bundle and switches it on; or nothing of it stays.

        It is granted all that it needs, and of its optional permissions those that are `chosen`. Raises BundleError,
        WrongHost, UnknownPermission, PermissionForPeople, NotAskedFor, PermissionDenied for a permission that
        the actor cannot grant, AlreadyInstalled, BeingChanged, and what loading or running the plugin raises.
        """
        actor.require("plugins.manage")
        return await self._installer.install(actor, data, chosen)

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
                await self._loader.load(plugin_id, plugin.digest)
            return await self._named(plugin_id)

    async def deactivate(self, actor: Actor, plugin_id: str, *, force: bool = False) -> InstalledPlugin:
        """Switches the plugin off and keeps what it stored.

        Raises NotFound, BeingChanged, and unless that does not matter because of `force`, Needed.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            if plugin.state == State.ACTIVE:
                await self._switch.off(actor, plugin, "plugins.deactivate", State.INACTIVE, force=force)
            return plugin

    async def update(self, actor: Actor, plugin_id: str, data: bytes, accepted: Collection[str] = ()) -> Replaced:
        """Replaces the plugin by the newer version in a signed bundle; until it is ready the old one answers.

        What it stored stays, and so do its settings as far as they fit. Of what the new version asks for and the old
        one did not have, it is granted what is `accepted` (see `check_accepted`). Raises NotFound, BundleError,
        OtherPlugin, WrongHost, Downgrade, NewPermissions, NotAskedFor, what `install` raises about permissions and
        others, Needed, BeingChanged, and what loading or running the new version raises.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            return await self._updater.update(actor, plugin, data, accepted)

    async def rollback(self, actor: Actor, plugin_id: str) -> Replaced:
        """Brings back the version before the last update; what the plugin stored stays as it is.

        Raises NotFound, NothingToRollBack, Needed, what `install` raises about others, BeingChanged, and what loading
        the version raises.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            return await self._updater.rollback(actor, plugin)

    async def grant(self, actor: Actor, plugin_id: str, chosen: Collection[str]) -> InstalledPlugin:
        """Of its optional permissions, the plugin has those that are `chosen` from the next call on; then it is told.

        That the plugin fails when it is told undoes nothing. Raises NotFound, BeingChanged, NotAskedFor, and
        PermissionDenied for a permission that the actor cannot grant.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            grants = grants_for(actor, plugin.manifest, chosen, plugin.grants)
            if set(grants) != set(plugin.grants):
                await finish(self._switch.grant(actor, plugin, grants))
            return plugin

    async def choose(
        self,
        actor: Actor,
        plugin_id: str,
        *,
        hooks: Mapping[str, bool] | None = None,
        breaker: BreakerMode | None = None,
    ) -> InstalledPlugin:
        """From the next call on, this is what becomes of the plugin when it fails; what is not named stays.

        `hooks` says of each of its hooks whether what it fails to look at passes. Raises NotFound, BeingChanged,
        InvalidInput (`plugins.invalid_choice`) for a hook that the plugin does not have.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            open_hooks = changed_hooks(plugin, hooks or {})
            await finish(self._switch.choose(actor, plugin, open_hooks, breaker or plugin.breaker or "enforce"))
            return plugin

    async def give_up(self, plugin_id: str, because: Error) -> None:
        """Switches the plugin off, if it is on, and keeps this as its problem. Raises NotFound, BeingChanged."""
        async with self._alone(SYSTEM, plugin_id) as plugin:
            if plugin.state == State.ACTIVE:
                given_up = ("plugins.give_up", State.INACTIVE)
                await self._switch.off(SYSTEM, plugin, *given_up, force=True, because=because)

    async def versions(self, actor: Actor, plugin_id: str) -> Sequence[PluginVersion]:
        """The versions of the plugin that are kept beside the installed one. Raises NotFound."""
        await self.get(actor, plugin_id)
        async with self._database.reading() as session:
            return await PluginVersions(session).of(plugin_id)

    async def uninstall(self, actor: Actor, plugin_id: str, *, force: bool = False) -> None:
        """Removes the plugin and everything it stored and logged; finished at the next start if it is interrupted.

        Raises NotFound, BeingChanged, StoreUnusable, and unless that does not matter because of `force`, Needed.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state in SETTLED:
                await self._switch.off(actor, plugin, "plugins.uninstall", State.REMOVING, force=force)
                await self._switch.tell_only(plugin, "on_uninstall")
            # Calls that still run could write what nobody would remove.
            await self._runtime.forget(plugin_id)
            await self._remover.erase(plugin.id)

    async def recheck(self, key_id: str) -> None:
        """Looks anew whether the active plugins that this key has signed may run."""
        async with self._database.transaction() as session:
            signed = await InstalledPlugins(session).active_signed_with(key_id)
            for plugin in signed:
                plugin.changed()
        for plugin_id in [str(plugin.plugin_id) for plugin in signed]:
            with suppress(Error):
                await self._recheck(plugin_id)

    async def _recheck(self, plugin_id: str) -> None:
        plugin = await self._named(plugin_id)
        # One that is being switched on is checked with the keys of this moment before it is used.
        if plugin.state == State.ACTIVE and not self._changes.is_running(plugin_id):
            # Attached anew, it has no code until that is loaded, and loading is where it is checked.
            self._switch.attach(plugin)
            await self._loader.load(plugin_id, plugin.digest)

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
        async with self._changes.alone(plugin_id):
            yield await self._named(plugin_id)
