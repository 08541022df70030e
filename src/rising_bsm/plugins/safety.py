"""Watching plugins: what they do and take, what keeps failing, and what becomes of that."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.db import Database
from rising_bsm.plugins.choices import BreakerChoice, HookChoices
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime import Runtime
from rising_bsm.runtime.accounting import ExecutionQuery, Executions
from rising_bsm.runtime.accounting.course import Part, Period
from rising_bsm.runtime.accounting.executions import ExecutionPage
from rising_bsm.runtime.accounting.tables import PluginExecution
from rising_bsm.runtime.accounting.uses import Use
from rising_bsm.runtime.egress.meter import EGRESS_BYTES
from rising_bsm.runtime.events.queue import Queue


class PluginSafety:
    """Records of the calls of plugins, and their breakers, in one running application.

    Every method raises PermissionDenied unless the actor has `plugins.manage`, and NotFound (`plugins.not_found`).
    """

    def __init__(self, database: Database, runtime: Runtime, plugins: Plugins) -> None:
        self._database = database
        self._runtime = runtime
        self._plugins = plugins
        self._executions = Executions(database)

    async def executions(self, actor: Actor, plugin_id: str, query: ExecutionQuery) -> ExecutionPage:
        """The plugin's calls, the newest first; what happened in the last second may be missing."""
        await self._plugins.get(actor, plugin_id)
        return await self._executions.list(plugin_id, query)

    async def execution(self, actor: Actor, plugin_id: str, execution_id: UUID) -> PluginExecution:
        """One call of the plugin. Raises NotFound (`plugins.no_such_execution`)."""
        await self._plugins.get(actor, plugin_id)
        return await self._executions.get(plugin_id, execution_id)

    async def entries(self, actor: Actor, plugin_id: str) -> Sequence[str]:
        """What the plugin was asked in the last days."""
        await self._plugins.get(actor, plugin_id)
        return await self._executions.entries(plugin_id)

    async def course(self, actor: Actor, plugin_id: str, period: Period) -> Sequence[Part]:
        """How the plugin's calls went in the hour, day or week that ends now."""
        await self._plugins.get(actor, plugin_id)
        return await self._executions.course(plugin_id, period)

    async def today(self, actor: Actor) -> dict[str, tuple[int, int]]:
        """How many calls each plugin had in the last 24 hours, and how many of them failed."""
        actor.require("plugins.manage")
        return await self._executions.today()

    async def uses(self, actor: Actor, plugin_id: str) -> Mapping[str, Use]:
        """What the plugin made use of in the last 30 days: permissions, places on the network, bytes."""
        await self._plugins.get(actor, plugin_id)
        return await self._runtime.accounting.uses.of(plugin_id)

    async def moved(self, actor: Actor, plugin_id: str) -> list[tuple[date, int]]:
        """How many bytes went to the network and came from there, on each of the last seven days."""
        await self._plugins.get(actor, plugin_id)
        return await self._runtime.accounting.uses.by_day(plugin_id, EGRESS_BYTES, days=7)

    async def usage(self, actor: Actor, plugin_id: str) -> dict[str, Any]:
        """What the plugin took in the last hour and in the last day."""
        await self._plugins.get(actor, plugin_id)
        return await self._executions.usage(plugin_id)

    async def state(self, actor: Actor, plugin_id: str) -> dict[str, Any]:
        """What was chosen about the plugin's failures, and which of its entries pause or have paused."""
        return self._state(await self._plugins.get(actor, plugin_id))

    async def choose_breaker(self, actor: Actor, plugin_id: str, data: object) -> dict[str, Any]:
        """What becomes of the plugin when it keeps failing. Raises InvalidInput, BeingChanged."""
        choice = BreakerChoice.of(data)
        return self._state(await self._plugins.choose(actor, plugin_id, breaker=choice.mode))

    async def choose_hooks(self, actor: Actor, plugin_id: str, data: object) -> dict[str, Any]:
        """What becomes of writes that a hook of the plugin fails to look at. Raises InvalidInput, BeingChanged."""
        choices = HookChoices.of({"hooks": data})
        return self._state(await self._plugins.choose(actor, plugin_id, hooks=choices.opened))

    async def reset(self, actor: Actor, plugin_id: str) -> dict[str, Any]:
        """All of the plugin is asked again at once, as if nothing had failed; what was held back for it is due."""
        plugin = await self._plugins.get(actor, plugin_id)
        held_until = self._runtime.accounting.breakers.reset(plugin_id)
        await self._runtime.accounting.breakers.save()
        await Queue(self._database).release(plugin_id, held_until)
        async with self._database.transaction() as session:
            record(session, actor, "plugins.reset_breaker", "plugin", plugin_id, {})
        self._runtime.outbox.announce(plugin_id)
        return self._state(plugin)

    def _state(self, plugin: InstalledPlugin) -> dict[str, Any]:
        plugin_id, hooks = str(plugin.plugin_id), {export.hook for export in plugin.manifest.exports.before}
        chosen = {hook: "open" if hook in (plugin.open_hooks or ()) else "closed" for hook in sorted(hooks)}
        entries = self._runtime.accounting.breakers.of(plugin_id)
        return {"breaker": plugin.breaker or "enforce", "hooks": chosen, "entries": entries}
