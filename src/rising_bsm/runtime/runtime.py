"""The active plugins: which request and which hook goes to which of them."""

import asyncio
from collections import defaultdict
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import HookExport
from rising_bsm.db import Database
from rising_bsm.errors import NotSignedIn
from rising_bsm.hooks import BeforeHandler, HookPoints, Registration
from rising_bsm.runtime.answers import RouteAnswer, draft_answer, route_answer
from rising_bsm.runtime.calls import Call, Calls
from rising_bsm.runtime.errors import not_active
from rising_bsm.runtime.host import DEPTH
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits
from rising_bsm.runtime.log import LogLine
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.routes import RouteRequest, Routes
from rising_bsm.runtime.services import CustomerService
from rising_bsm.sandbox import PluginCode, Pool


class Runtime:
    """Runs the plugins of one instance: `attach` makes one answer its routes and take part in its hooks."""

    def __init__(
        self,
        pool: Pool,
        database: Database,
        hooks: HookPoints,
        customers: CustomerService,
        limits: RuntimeLimits = DEFAULT_LIMITS,
    ) -> None:
        self._pool = pool
        self._hooks = hooks
        self._limits = limits
        self._calls = Calls(pool, database, customers, limits)
        self._attached: dict[str, _Attached] = {}
        self._registrations: dict[tuple[str, str], Registration] = {}

    def attach(self, plugin: ActivePlugin) -> None:
        """From now on the plugin answers; one with its id is replaced at once, in its place among the hooks."""
        self._drop_code(plugin.id)
        self._attached[plugin.id] = _Attached(plugin)
        self._register(plugin.id, {export.hook for export in plugin.exports.before})

    def detach(self, plugin_id: str) -> None:
        """From now on the plugin answers nothing; calls that are running go on to their end."""
        self._drop_code(plugin_id)
        self._attached.pop(plugin_id, None)
        self._register(plugin_id, set())

    async def forget(self, plugin_id: str) -> None:
        """Detaches the plugin and waits until no call of it runs, so that it writes nothing any more."""
        self.detach(plugin_id)
        await self._calls.ended(plugin_id)

    async def run_route(self, plugin_id: str, request: RouteRequest, actor: Actor | None) -> RouteAnswer:
        """What the plugin answers to a request of this actor.

        Raises NotSignedIn, NotFound (`plugin.not_active`, `plugin.no_such_route`), MethodNotAllowed, PermissionDenied
        when the actor may not call the route, and what `Calls.run` raises.
        """
        if actor is None:
            raise NotSignedIn("Sign in to use plugins.", place=plugin_id, next_step="Sign in, or send an access token.")
        attached = self._attached.get(plugin_id)
        if attached is None:
            raise not_active(plugin_id)
        route, params = attached.routes.find(request.method, request.path)
        if route.permission is not None:
            actor.require(route.permission)
        asked = {"op": "route", "handler": route.handler, "request": request.for_guest(params)}
        moment = f"on {route.method} {route.path}"
        call = Call(attached.plugin, attached.code, asked, moment, actor, self._limits.call)
        return await self._calls.run(call, route_answer)

    async def run_lifecycle(self, plugin: ActivePlugin, name: str) -> None:
        """Lets a plugin, attached or not, do what it does at this moment of its life (`on_install`), if anything.

        It acts as itself, with exactly its grants. Raises what `Calls.run` raises.
        """
        if name in plugin.exports.lifecycle:
            itself = Actor(user_id=None, name=plugin.id, permissions=plugin.grants)
            asked = {"op": "lifecycle", "handler": name}
            call = Call(plugin, plugin.code, asked, f"in {name}", itself, self._limits.call)
            await self._calls.run(call, lambda _value: None)

    async def log_of(self, plugin_id: str, limit: int = 100) -> list[LogLine]:
        """The newest lines of the plugin's log, the newest first; at most 1,000 are kept."""
        return await self._calls.logs.newest(plugin_id, limit)

    def _register(self, plugin_id: str, points: set[str]) -> None:
        for point in points:
            if (plugin_id, point) not in self._registrations:
                registration = self._hooks.before(point, self._handler(plugin_id, point))
                self._registrations[plugin_id, point] = registration
        for mine in [key for key in self._registrations if key[0] == plugin_id and key[1] not in points]:
            self._registrations.pop(mine).remove()

    def _handler(self, plugin_id: str, point: str) -> BeforeHandler:
        async def before(draft: dict[str, Any], current: dict[str, Any] | None, actor: Actor) -> dict[str, Any] | None:
            # Looked up now: the plugin may have been replaced or detached since this run began.
            attached = self._attached.get(plugin_id)
            if attached is None:
                return None
            # Who deletes has no draft of his own, and nobody minds what becomes of it.
            stored = current if point == "customers.delete" else None
            return await self._run_hooks(attached, point, stored or draft, actor)

        return before

    async def _run_hooks(
        self, attached: "_Attached", point: str, draft: dict[str, Any], actor: Actor
    ) -> dict[str, Any]:
        for export in attached.hooks(point):
            asked = {"op": "before", "handler": export.handler, "hook": point, "draft": draft}
            call = Call(attached.plugin, attached.code, asked, f"before {point}", actor, self._limits.before)
            answer = await self._calls.run(call, draft_answer)
            draft = draft if answer is None else answer
        return draft

    def _drop_code(self, plugin_id: str) -> None:
        attached = self._attached.get(plugin_id)
        if attached is not None and attached.loaded is not None:
            self._pool.forget(attached.loaded.digest)


class _Attached:
    """An attached plugin; its code is loaded on first use."""

    def __init__(self, plugin: ActivePlugin) -> None:
        self.plugin = plugin
        self.routes = Routes(plugin.id, plugin.exports.routes)
        self.loaded: PluginCode | None = None
        # A call waits only for loading that was begun at its own depth: what was begun above may wait for the call.
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    def hooks(self, point: str) -> list[HookExport]:
        return [export for export in self.plugin.exports.before if export.hook == point]

    async def code(self) -> PluginCode:
        if self.loaded is None:
            async with self._turns[DEPTH.get()]:
                self.loaded = self.loaded or await self.plugin.code()
        return self.loaded
