"""Switching plugins on and off: what the plugin does at that moment, what is kept, and whether it answers."""

from functools import partial

import structlog

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.bundle.manifest import LifecycleName
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins.loading import Loader
from rising_bsm.plugins.states import State
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime import ActivePlugin, Runtime

_log = structlog.get_logger("rising_bsm.plugins")


class Switch:
    """Switches plugins of `database` on and off in `runtime`."""

    def __init__(self, database: Database, runtime: Runtime, loader: Loader) -> None:
        self._database = database
        self._runtime = runtime
        self._loader = loader

    async def on(self, actor: Actor, plugin: InstalledPlugin, action: str) -> None:
        """The plugin answers; raises what its `on_activate` raises, and then leaves it as it was."""
        await self.tell(plugin, "on_activate")
        async with self._database.transaction() as session:
            session.add(plugin)
            plugin.activate()
            record(session, actor, action, "plugin", plugin.plugin_id, {"version": plugin.version})
        self.attach(plugin)

    async def off(self, actor: Actor, plugin: InstalledPlugin, action: str, state: State) -> None:
        """The plugin answers no more and is `state`; it is told, and cannot prevent it."""
        was_active = plugin.state == State.ACTIVE
        async with self._database.transaction() as session:
            session.add(plugin)
            plugin.state, plugin.problem = state, None
            record(session, actor, action, "plugin", plugin.plugin_id, {"version": plugin.version})
        self._runtime.detach(str(plugin.plugin_id))
        if was_active:
            await self.bid_farewell(plugin, "on_deactivate")

    def attach(self, plugin: InstalledPlugin) -> None:
        """The plugin answers, with code that is loaded on first use; raises BundleError when its manifest is none."""
        self._runtime.attach(self._runnable(plugin))

    async def tell(self, plugin: InstalledPlugin, moment: LifecycleName) -> None:
        """The plugin does what it does at this moment of its life; raises what becomes of that."""
        await self._runtime.run_lifecycle(self._runnable(plugin), moment)

    async def bid_farewell(self, plugin: InstalledPlugin, moment: LifecycleName) -> None:
        """As `tell`; that it fails changes nothing."""
        try:
            await self.tell(plugin, moment)
        except Error as error:
            _log.warning("plugin failed at its end", plugin=plugin.plugin_id, moment=moment, error=error.as_dict())

    def _runnable(self, plugin: InstalledPlugin) -> ActivePlugin:
        manifest = plugin.manifest
        return ActivePlugin(
            id=manifest.id,
            version=manifest.version,
            grants=frozenset(plugin.grants),
            exports=manifest.exports,
            code=partial(self._loader.load, manifest.id),
        )
