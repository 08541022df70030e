"""What is done with plugins: installing, switching on and off, removing."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.accounts.activity import record
from rising_bsm.db import Database
from rising_bsm.errors import Conflict, Error, NotFound
from rising_bsm.plugins import snapshots
from rising_bsm.plugins.admission import grants_for
from rising_bsm.plugins.changes import BeingChanged, Changes
from rising_bsm.plugins.choices import changed_hooks
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.following import Follower
from rising_bsm.plugins.installing import Installer
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.market.condemned import check_not_condemned
from rising_bsm.plugins.market.tables import KEPT
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.removal import Remover
from rising_bsm.plugins.states import SETTLED, State, Told, nobody
from rising_bsm.plugins.store import FileStore
from rising_bsm.plugins.switch import Switch
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.updating import Replaced, Updater
from rising_bsm.plugins.versions import PluginVersion, PluginVersions, Role
from rising_bsm.runtime import LogLine, Runtime
from rising_bsm.runtime.plugin import BreakerMode
from rising_bsm.sandbox import Pool


class PartOfTheProgram(Conflict):
    """The plugin came with the program and stays as it is."""

    code = "plugins.system"

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            f"{plugin_id} is a part of the program: it cannot be switched off, updated or removed.",
            place=plugin_id,
            next_step="Leave it as it is. See docs/guide/marketplace.md for what an operator can set.",
        )


class SafeMode(Conflict):
    """The instance runs without plugins, so that nothing new is installed or switched on."""

    code = "plugins.safe_mode"

    def __init__(self) -> None:
        super().__init__(
            "This instance runs in safe mode: no plugin runs, and none can be installed, updated or switched on.",
            place="--safe-mode",
            next_step="Start the instance again without --safe-mode, and without RISING_BSM_SAFE_MODE.",
        )


class Plugins:
    """The plugins of one process; others may work on the same PostgreSQL database, if they have the same folders.

    Every method that takes an actor raises PermissionDenied unless the actor has `plugins.manage`. In safe mode all
    stay as they are: what would run one raises SafeMode.
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
        self.removed: list[Callable[[str], Awaitable[None]]] = []
        """Are told of each plugin that was uninstalled; they raise nothing."""

    async def start(self) -> None:
        """Makes the active plugins answer, without running them, and removes what an interruption left half done."""
        self._runtime.accounting.give_up = self._give_up
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

    async def log(self, actor: Actor, plugin_id: str, limit: int, levels: Collection[str] = ()) -> Sequence[LogLine]:
        """The newest lines of the plugin's log, the newest first; only of these levels, if any is named. Raises
        NotFound."""
        await self.get(actor, plugin_id)
        return await self._runtime.log_of(plugin_id, limit, levels)

    async def install(
        self, actor: Actor, data: bytes, chosen: Collection[str] = (), *, told: Told = nobody
    ) -> InstalledPlugin:
        """Installs a signed bundle and switches it on; or nothing of it stays.

        It is granted all that it needs, and of its optional permissions those that are `chosen`. Raises BundleError,
        WrongHost, UnknownPermission, PermissionForPeople, NotAskedFor, PermissionDenied for a permission that
        the actor cannot grant, AlreadyInstalled, BeingChanged, DataOfAnother, and what loading or running the plugin
        raises. `told` is told of each step.
        """
        actor.require("plugins.manage")
        self._check_awake()
        return await self._installer.install(actor, data, chosen, told)

    async def activate(self, actor: Actor, plugin_id: str) -> InstalledPlugin:
        """Switches the plugin on; one that is on and cannot run is tried anew.

        Raises NotFound, BeingChanged, Condemned, and what loading or running the plugin raises.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            self._check_awake()
            await self._check_good(plugin_id, str(plugin.version))
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

    async def update(
        self, actor: Actor, plugin_id: str, data: bytes, accepted: Collection[str] = (), *, told: Told = nobody
    ) -> Replaced:
        """Replaces the plugin by the newer version in a signed bundle; until it is ready the old one answers.

        What it stored stays, and so do its settings as far as they fit. Of what the new version asks for and the old
        one did not have, it is granted what is `accepted` (see `check_accepted`). Raises NotFound, BundleError,
        OtherPlugin, WrongHost, Downgrade, NewPermissions, NotAskedFor, what `install` raises about permissions and
        others, Needed, BeingChanged, and what loading or running the new version raises.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            self._check_awake()
            return await self._updater.update(actor, plugin, data, accepted, told)

    async def rollback(self, actor: Actor, plugin_id: str, *, keep_data: bool | None = None) -> Replaced:
        """Brings back the version before the last update, with what the plugin had stored then and how it was set.

        With `keep_data` what it has stored stays as it is now. Unless that was chosen either way, raises NewerData when
        it differs. Raises NotFound, NothingToRollBack, Condemned, Needed, what `install` raises about others,
        BeingChanged, and what loading the version raises.
        """
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state not in SETTLED:
                raise BeingChanged(plugin_id)
            if previous := await self._previous(plugin_id):
                await self._check_good(plugin_id, previous.version)
            return await self._updater.rollback(actor, plugin, keep_data=keep_data)

    async def recover(self, plugin_id: str, since: datetime) -> Replaced | None:
        """Brings back the version that was replaced after this moment, with its data, as the one that took its place
        keeps failing; None if there is none. Raises what `rollback` raises.
        """
        async with self._alone(SYSTEM, plugin_id) as plugin:
            previous = await self._previous(plugin_id)
            if plugin.state != State.ACTIVE or previous is None or previous.created_at < since:
                return None
            await self._check_good(plugin_id, previous.version)
            return await self._updater.rollback(SYSTEM, plugin, keep_data=False, action="plugins.recover")

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

    async def give_up(
        self, plugin_id: str, because: Error, *, version: str | None = None, action: str = "plugins.give_up"
    ) -> bool:
        """Switches the plugin off, if it is on, in this `version` if one is named, and keeps this as its problem;
        whether it did. Raises NotFound, BeingChanged."""
        async with self._alone(SYSTEM, plugin_id) as plugin:
            if plugin.state != State.ACTIVE or version not in (None, plugin.version):
                return False
            await self._switch.off(SYSTEM, plugin, action, State.INACTIVE, force=True, because=because)
            return True

    async def _give_up(self, plugin_id: str, because: Error) -> None:
        await self.give_up(plugin_id, because)

    async def versions(self, actor: Actor, plugin_id: str) -> Sequence[PluginVersion]:
        """The versions of the plugin that are kept beside the installed one. Raises NotFound."""
        await self.get(actor, plugin_id)
        async with self._database.reading() as session:
            return await PluginVersions(session).of(plugin_id)

    async def uninstall(self, actor: Actor, plugin_id: str, *, force: bool = False, keep_data: bool = False) -> None:
        """Removes the plugin and everything it stored and logged; finished at the next start if it is interrupted.

        With `keep_data` what it has stored and how it is set comes back when the same publisher's plugin is installed
        again; without, what a plugin that is not installed any more has left so is removed. Raises NotFound,
        BeingChanged, StoreUnusable, and unless that does not matter because of `force`, Needed.
        """
        actor.require("plugins.manage")
        if not keep_data and await self._forget_kept(actor, plugin_id):
            return
        await self._uninstall(actor, plugin_id, force=force, keep_data=keep_data)
        for told in self.removed:
            await told(plugin_id)

    async def _forget_kept(self, actor: Actor, plugin_id: str) -> bool:
        async with self._database.transaction() as session:
            kept = await snapshots.find(session, plugin_id, KEPT)
            if kept is None or await InstalledPlugins(session).by_plugin_id(plugin_id):
                return False
            await snapshots.drop(session, plugin_id, [KEPT])
            record(session, actor, "plugins.forget", "plugin", plugin_id, {"version": kept.version})
        return True

    async def _uninstall(self, actor: Actor, plugin_id: str, *, force: bool, keep_data: bool) -> None:
        async with self._alone(actor, plugin_id) as plugin:
            if plugin.state in SETTLED:
                off = ("plugins.uninstall", State.REMOVING)
                await self._switch.off(actor, plugin, *off, force=force, keep=keep_data)
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

    async def _previous(self, plugin_id: str) -> PluginVersion | None:
        async with self._database.reading() as session:
            return await PluginVersions(session).by_role(plugin_id, Role.PREVIOUS)

    def _check_awake(self) -> None:
        if self._runtime.safe_mode:
            raise SafeMode

    async def _check_good(self, plugin_id: str, version: str) -> None:
        async with self._database.reading() as session:
            await check_not_condemned(session, plugin_id, version)

    async def _all(self) -> Sequence[InstalledPlugin]:
        async with self._database.reading() as session:
            return await InstalledPlugins(session).all()

    async def _named(self, plugin_id: str) -> InstalledPlugin:
        async with self._database.reading() as session:
            plugin = await InstalledPlugins(session).by_plugin_id(plugin_id)
        if plugin_id in self._runtime.system:
            raise PartOfTheProgram(plugin_id)
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
