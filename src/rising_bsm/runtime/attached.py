"""An attached plugin, and what it is asked: by a request, an event, or the clock."""

import asyncio
import json
from collections import defaultdict
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import HookExport, RouteExport
from rising_bsm.runtime.calls import Call
from rising_bsm.runtime.errors import NoLongerListening
from rising_bsm.runtime.events.outbox import may_listen
from rising_bsm.runtime.events.tables import SCHEDULE, Delivery
from rising_bsm.runtime.host import DEPTH
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.routes import Routes
from rising_bsm.sandbox import Limits, PluginCode


class Attached:
    """An attached plugin; its code is loaded on first use."""

    def __init__(self, plugin: ActivePlugin) -> None:
        self.plugin = plugin
        self.routes = Routes(plugin.id, plugin.exports.routes)
        self.loaded: PluginCode | None = None
        # A call waits only for loading that was begun at its own depth: what was begun above may wait for the call.
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    def hooks(self, point: str, order: int) -> list[HookExport]:
        """Its handlers at this place, in the order in which they run."""
        return [export for export in self.plugin.exports.before if (export.hook, export.order) == (point, order)]

    async def code(self) -> PluginCode:
        """What runs; raises what loading it raises."""
        if self.loaded is None:
            async with self._turns[DEPTH.get()]:
                self.loaded = self.loaded or await self.plugin.code()
        return self.loaded

    def on_request(self, route: RouteExport, request: dict[str, Any], actor: Actor, limits: Limits) -> Call:
        """The call of the route's handler with this request."""
        asked = {"op": "route", "handler": route.handler, "request": request}
        return Call(self.plugin, self.code, asked, f"on {route.method} {route.path}", actor, limits)

    def on_delivery(self, delivery: Delivery, limits: Limits) -> Call:
        """The call of the handler that the delivery names. Raises NoLongerListening."""
        plugin, payload = self.plugin, json.loads(delivery.payload)
        if not _handles(plugin, delivery):
            raise NoLongerListening(plugin.id, delivery.handler, delivery.name)
        if delivery.name == SCHEDULE:
            asked, moment = {"op": "schedule", "handler": delivery.handler}, f"in {delivery.handler}"
        else:
            asked = {"op": "after", "handler": delivery.handler, "event": payload}
            moment = f"after {delivery.name}"
        # Named after whoever set it off, for the record; what it may do is up to the plugin alone.
        itself = Actor(user_id=None, name=payload.get("user") or plugin.id, permissions=plugin.grants)
        return Call(plugin, self.code, asked, moment, itself, limits, background=True)


def _handles(plugin: ActivePlugin, delivery: Delivery) -> bool:
    if delivery.name == SCHEDULE:
        return any(export.handler == delivery.handler for export in plugin.exports.schedules)
    listens = any((one.event, one.handler) == (delivery.name, delivery.handler) for one in plugin.exports.after)
    return listens and may_listen(plugin, delivery.name)
