"""Switching plugins on and off: what the plugin does at that moment, what is kept, and whether it answers."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

import structlog

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.bundle.manifest import LifecycleName
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins import snapshots
from rising_bsm.plugins.changes import check_held
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.market.tables import KEPT
from rising_bsm.plugins.queries import InstalledPlugins, check_relations
from rising_bsm.plugins.relations import check_not_needed, members
from rising_bsm.plugins.states import State
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import PluginVersion
from rising_bsm.runtime import ActivePlugin, Runtime
from rising_bsm.runtime.plugin import BreakerMode
from rising_bsm.sandbox import PluginCode

_log = structlog.get_logger("rising_bsm.plugins")


class Switch:
    """Switches plugins of `database` on and off in `runtime`."""

    def __init__(self, database: Database, runtime: Runtime, loader: Loader) -> None:
        self._database = database
        self._runtime = runtime
        self._loader = loader
        self.attached: dict[str, UUID | None] = {}
        """The plugins that answer in this process, each with the revision that does."""

    async def on(self, actor: Actor, plugin: InstalledPlugin, action: str) -> None:
        """The plugin answers; raises what its `on_activate` raises, and then leaves it as it was.

        Raises DependencyCycle, DependenciesUnmet, InConflict.
        """
        async with self._database.reading() as session:
            await check_relations(session, plugin)
        await self.tell(plugin, "on_activate")
        await finish(self._on(actor, plugin, action))

    async def _on(self, actor: Actor, plugin: InstalledPlugin, action: str) -> None:
        async with self._database.transaction() as session:
            await check_held(session, plugin)
            session.add(plugin)
            plugin.activate()
            await snapshots.drop(session, str(plugin.plugin_id), [KEPT])
            record(session, actor, action, "plugin", plugin.plugin_id, {"version": plugin.version})
            await session.flush()
            # The others may have changed while the plugin ran.
            await check_relations(session, plugin)
        self.attach(plugin)

    async def off(
        self,
        actor: Actor,
        plugin: InstalledPlugin,
        action: str,
        state: State,
        *,
        force: bool = False,
        because: Error | None = None,
        keep: bool = False,
    ) -> None:
        """The plugin answers no more and is `state`; it is told, and cannot prevent it.

        `because` is kept as its problem; with `keep` what it has stored is kept for when it is installed again. Raises
        Needed, unless that does not matter because of `force`.
        """
        was_active = plugin.state == State.ACTIVE
        await finish(self._off(actor, plugin, action, state, force=force, because=because, keep=keep))
        if was_active:
            await self.tell_only(plugin, "on_deactivate")

    async def _off(
        self,
        actor: Actor,
        plugin: InstalledPlugin,
        action: str,
        state: State,
        *,
        force: bool,
        because: Error | None,
        keep: bool,
    ) -> None:
        async with self._database.transaction() as session:
            await check_held(session, plugin)
            session.add(plugin)
            plugin.state, plugin.problem = state, because.as_dict() if because else None
            plugin.changed()
            record(session, actor, action, "plugin", plugin.plugin_id, {"version": plugin.version})
            await session.flush()
            if not force:
                others = members(await InstalledPlugins(session).named())
                check_not_needed(str(plugin.plugin_id), None, others, inactive=state == State.REMOVING)
            if keep:
                await snapshots.take(session, plugin, KEPT)
        self.detach(str(plugin.plugin_id))

    async def grant(self, actor: Actor, plugin: InstalledPlugin, grants: Collection[str]) -> None:
        """From the next call on the plugin is granted this; then it is told, and cannot prevent it."""
        changed = sorted(set(grants) ^ set(plugin.grants))
        async with self._database.transaction() as session:
            await check_held(session, plugin)
            session.add(plugin)
            plugin.grants = sorted(grants)
            plugin.changed()
            record(session, actor, "plugins.grant", "plugin", plugin.plugin_id, {"permissions": changed})
        if plugin.state == State.ACTIVE:
            self.attach(plugin)
            await self.tell_only(plugin, "on_permissions_changed")

    async def choose(
        self, actor: Actor, plugin: InstalledPlugin, open_hooks: Collection[str], breaker: BreakerMode
    ) -> None:
        """From the next call on, this is what becomes of the plugin when it fails."""
        async with self._database.transaction() as session:
            await check_held(session, plugin)
            session.add(plugin)
            plugin.open_hooks, plugin.breaker = sorted(open_hooks), breaker
            plugin.changed()
            detail = {"open_hooks": plugin.open_hooks, "breaker": breaker}
            record(session, actor, "plugins.choose", "plugin", plugin.plugin_id, detail)
        if plugin.state == State.ACTIVE:
            self.attach(plugin)

    def attach(self, plugin: InstalledPlugin, code: PluginCode | None = None) -> None:
        """The plugin answers, with this code, or one that is loaded on first use; raises BundleError when its manifest
        is none."""
        self._runtime.attach(self.runnable(plugin, code))
        self.attached[str(plugin.plugin_id)] = plugin.revision

    def detach(self, plugin_id: str) -> None:
        """The plugin answers nothing from now on."""
        self._runtime.detach(plugin_id)
        self.attached.pop(plugin_id, None)

    async def forget(self, plugin_id: str) -> None:
        """The plugin answers nothing, no call of it runs, and nothing is written of those that ran."""
        self.detach(plugin_id)
        await self._runtime.forget(plugin_id)

    async def tell(self, plugin: InstalledPlugin, moment: LifecycleName) -> None:
        """The plugin does what it does at this moment of its life; raises what becomes of that."""
        await self._runtime.run_lifecycle(self.runnable(plugin), moment)

    async def tell_only(self, plugin: InstalledPlugin, moment: LifecycleName) -> None:
        """As `tell`; that it fails changes nothing."""
        try:
            await self.tell(plugin, moment)
        except Error as error:
            _log.warning("plugin failed, unheard", plugin=plugin.plugin_id, moment=moment, error=error.as_dict())

    def runnable(self, plugin: InstalledPlugin | PluginVersion, code: PluginCode | None = None) -> ActivePlugin:
        """What is needed to run the plugin, with this code, or one that is loaded on first use; raises BundleError."""
        manifest, chosen = plugin.manifest, plugin if isinstance(plugin, InstalledPlugin) else None
        return ActivePlugin(
            id=manifest.id,
            name=manifest.display_name,
            version=manifest.version,
            grants=frozenset(plugin.grants),
            exports=manifest.exports,
            network=manifest.network,
            settings=manifest.settings,
            open_hooks=frozenset(chosen.open_hooks or () if chosen else ()),
            breaker=(chosen.breaker if chosen else None) or "enforce",
            paid=manifest.pricing.model == "paid",
            digest=plugin.digest,
            frames=manifest.frames,
            files=partial(self._loader.ui_files, manifest.id, plugin.digest),
            code=partial(_given, code) if code else partial(self._loader.load, manifest.id, plugin.digest),
        )


async def _given(code: PluginCode) -> PluginCode:
    return code
