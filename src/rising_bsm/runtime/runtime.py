"""The active plugins: which request and which hook goes to which of them."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import ANSWERS_STRANGERS, HookExport, RouteExport, ScheduleExport
from rising_bsm.bundle.settings import SettingField
from rising_bsm.db import Database
from rising_bsm.errors import Error, NotFound, NotSignedIn
from rising_bsm.hooks import BeforeHandler, HookPoints, Registration
from rising_bsm.runtime.accounting import Accounting, PluginPaused, QuotaExceeded
from rising_bsm.runtime.accounting.execution import Execution
from rising_bsm.runtime.accounting.quotas import Quotas
from rising_bsm.runtime.answers import RouteAnswer, draft_answer, route_answer
from rising_bsm.runtime.calls import Call, Calls
from rising_bsm.runtime.egress import Egress
from rising_bsm.runtime.errors import (
    MethodNotAllowed,
    NoAnswerForStrangers,
    NoLongerListening,
    PluginNotActive,
    PluginsTooDeep,
    PluginUnusable,
)
from rising_bsm.runtime.events.chain import at_depth
from rising_bsm.runtime.events.outbox import Outbox, may_listen
from rising_bsm.runtime.events.tables import SCHEDULE, Delivery
from rising_bsm.runtime.host import DEPTH
from rising_bsm.runtime.licences import Licences, LicenceStopped
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits
from rising_bsm.runtime.log import LogLine
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.problems import Problems
from rising_bsm.runtime.routes import RouteRequest, Routes
from rising_bsm.runtime.services import Business
from rising_bsm.runtime.settings import Cipher, PluginSettings
from rising_bsm.runtime.system import SystemPlugins
from rising_bsm.runtime.tracing import Span
from rising_bsm.sandbox import Limits, PluginCode, Pool, PoolBusy, SandboxError

VISITOR = Actor(user_id=None, name="visitor", permissions=frozenset())
"""Whoever calls a public route without being known here; nothing that takes a permission is done for them."""


class Runtime:
    """Runs the plugins of one instance: `attach` makes one answer its routes and take part in its hooks."""

    def __init__(
        self,
        pool: Pool,
        database: Database,
        hooks: HookPoints,
        business: Business,
        limits: RuntimeLimits = DEFAULT_LIMITS,
        egress: Egress | None = None,
        cipher: Cipher | None = None,
    ) -> None:
        self._pool = pool
        self._hooks = hooks
        self._limits = limits
        self.system = SystemPlugins()
        self.outbox = Outbox()
        self.rescheduled: set[str] = set()
        """The plugins that may run by the clock at other times than before."""
        self._calls = Calls(
            pool, database, business, self.outbox, limits, egress or Egress(limits), cipher or Cipher.of_the_moment()
        )
        of_strangers = replace(limits, fuel_per_minute=limits.strangers_fuel_per_minute)
        self._strangers = Quotas(of_strangers, time.monotonic)
        self.accounting.watchers.append(self._note_stranger)
        self._attached: dict[str, _Attached] = {}
        self._registrations: dict[str, list[Registration[BeforeHandler]]] = {}
        hooks.after(self.outbox.note)

    @property
    def accounting(self) -> Accounting:
        """What the plugins' calls took, and what keeps failing."""
        return self._calls.accounting

    @property
    def licences(self) -> Licences:
        """Where the licences of plugins that cost something are looked up."""
        return self._calls.licences

    @property
    def attached(self) -> Collection[str]:
        """The ids of the plugins that answer."""
        return self._attached.keys()

    @property
    def active(self) -> list[ActivePlugin]:
        """The plugins that answer, by id."""
        return [self._attached[plugin_id].plugin for plugin_id in sorted(self._attached)]

    def attach(self, plugin: ActivePlugin) -> None:
        """From now on the plugin answers; one with its id is replaced at once."""
        self._drop_code(plugin.id)
        attached = self._attached[plugin.id] = _Attached(plugin)
        self._register(plugin.id, attached)
        self.rescheduled.add(plugin.id)
        self.outbox.listen(plugin)

    def detach(self, plugin_id: str) -> None:
        """From now on the plugin answers nothing; calls that are running go on to their end."""
        self._drop_code(plugin_id)
        self._attached.pop(plugin_id, None)
        self._register(plugin_id, None)
        self.rescheduled.add(plugin_id)
        self.outbox.ignore(plugin_id)

    async def forget(self, plugin_id: str) -> None:
        """Detaches the plugin and waits until no call of it runs, so that it writes nothing any more."""
        self.detach(plugin_id)
        await self._calls.ended(plugin_id)
        await self.accounting.forget(plugin_id)
        self._strangers.forget(plugin_id)

    def answers_strangers(self, plugin_id: str, method: str, path: str) -> bool:
        """Whether a request of somebody who is not signed in reaches the plugin."""
        if plugin_id in self.system:
            return self.system.answers_strangers(plugin_id, method, path)
        return self._public_route(plugin_id, method, path) is not None

    async def run_route(self, plugin_id: str, request: RouteRequest, actor: Actor | None) -> RouteAnswer:
        """What the plugin answers to a request of this actor, or of a stranger.

        Raises NotSignedIn for strangers wherever `answers_strangers` does not hold; NotFound (`plugin.not_active`,
        `plugin.no_such_route`), MethodNotAllowed, PermissionDenied when the actor may not call the route, and what
        `Calls.run` raises, of which strangers are told no more than that.
        """
        if actor is None:
            return await self._answer_stranger(plugin_id, request)
        attached = self._attached.get(plugin_id)
        if attached is None:
            raise PluginNotActive(plugin_id)
        route, params = attached.routes.find(request.method, request.path)
        if route.permission is not None:
            actor.require(route.permission)
        call = _route_call(attached, route, request.for_guest(params), actor, self._limits.call)
        return await self._calls.run(call, route_answer)

    async def run_lifecycle(self, plugin: ActivePlugin, name: str, *arguments: str) -> None:
        """Lets a plugin, attached or not, do what it does at this moment of its life (`on_install`), if anything.

        It acts as itself, with exactly its grants. Raises what `Calls.run` raises.
        """
        if name in plugin.exports.lifecycle:
            itself = Actor(user_id=None, name=plugin.id, permissions=plugin.grants)
            asked = {"op": "lifecycle", "handler": name, "arguments": arguments}
            call = Call(plugin, plugin.code, asked, f"in {name}", itself, self._limits.call)
            await self._calls.run(call, lambda _value: None)

    def settings_of(self, plugin_id: str, fields: tuple[SettingField, ...]) -> PluginSettings:
        """The settings of a plugin, attached or not, that has these fields."""
        return self._calls.settings_of(plugin_id, fields)

    def problems_of(self, plugin_id: str) -> Problems:
        """What the plugin, attached or not, has reported."""
        return self._calls.problems_of(plugin_id)

    async def tell(self, plugin_id: str, name: str) -> None:
        """Lets a plugin that is attached do what it does at this moment of its life; as `run_lifecycle`."""
        if attached := self._attached.get(plugin_id):
            await self.run_lifecycle(attached.plugin, name)

    async def log_of(self, plugin_id: str, limit: int = 100) -> list[LogLine]:
        """The newest lines of the plugin's log, the newest first; at most 1,000 are kept."""
        return await self._calls.logs.newest(plugin_id, limit)

    def schedules_of(self, plugin_id: str) -> Collection[ScheduleExport]:
        """When the plugin runs by the clock; never unless it is attached."""
        attached = self._attached.get(plugin_id)
        return attached.plugin.exports.schedules if attached else ()

    async def run_delivery(self, delivery: Delivery) -> None:
        """Lets a plugin handle an event, or do what it does by the clock. It acts as itself, with exactly its grants.

        Raises PluginNotActive, NoLongerListening, EventsTooDeep when it failed because of that, and what `Calls.run`
        raises.
        """
        attached = self._attached.get(delivery.plugin_id)
        if attached is None:
            raise PluginNotActive(delivery.plugin_id)
        with at_depth(delivery.depth + 1) as chain:
            try:
                with Span("delivery", plugin=delivery.plugin_id, event=delivery.name, event_id=str(delivery.event_id)):
                    await self._calls.run(self._background_call(attached, delivery), lambda _value: None)
            except LicenceStopped:
                # What runs by the clock runs by the clock again; an event comes but once, and waits.
                if delivery.name != SCHEDULE:
                    raise
            except Error as error:
                raise chain.too_deep or error from None

    def _public_route(
        self, plugin_id: str, method: str, path: str
    ) -> "tuple[_Attached, RouteExport, dict[str, str]] | None":
        """The route, if it is public, and the plugin is attached and was granted to have such routes."""
        attached = self._attached.get(plugin_id)
        if attached is None or ANSWERS_STRANGERS not in attached.plugin.grants:
            return None
        try:
            route, params = attached.routes.find(method, path)
        except (NotFound, MethodNotAllowed):
            return None
        return (attached, route, params) if route.public else None

    async def _answer_stranger(self, plugin_id: str, request: RouteRequest) -> RouteAnswer:
        found = self._public_route(plugin_id, request.method, request.path)
        if found is None:
            # The same for whatever the reason is, so that nobody learns what is installed.
            raise NotSignedIn("Sign in to use plugins.", next_step="Sign in, or send an access token.")
        attached, route, params = found
        call = _route_call(attached, route, request.for_guest(params), VISITOR, self._limits.public)
        self._strangers.begin(plugin_id)
        await self._check_licence_for_strangers(attached.plugin)
        # What strangers make fail switches nothing off: anybody could.
        call = replace(call, plugin=replace(attached.plugin, breaker="off"))
        try:
            return await self._calls.run(call, route_answer)
        except (SandboxError, PluginUnusable, PluginsTooDeep) as error:
            raise NoAnswerForStrangers(plugin_id) from error

    async def _check_licence_for_strangers(self, plugin: ActivePlugin) -> None:
        try:
            allowed = await self.licences.allowed(plugin)
        except Error as error:  # which is nothing that a stranger could do anything about
            raise NoAnswerForStrangers(plugin.id) from error
        if ANSWERS_STRANGERS not in allowed.grants:
            raise NoAnswerForStrangers(plugin.id)

    def _note_stranger(self, execution: Execution) -> None:
        if execution.actor is VISITOR:
            self._strangers.burned(execution.plugin_id, execution.usage.fuel)

    def _background_call(self, attached: "_Attached", delivery: Delivery) -> Call:
        plugin, payload = attached.plugin, json.loads(delivery.payload)
        if not _handles(plugin, delivery):
            raise NoLongerListening(plugin.id, delivery.handler, delivery.name)
        if delivery.name == SCHEDULE:
            asked, moment = {"op": "schedule", "handler": delivery.handler}, f"in {delivery.handler}"
        else:
            asked = {"op": "after", "handler": delivery.handler, "event": payload}
            moment = f"after {delivery.name}"
        # Named after whoever set it off, for the record; what it may do is up to the plugin alone.
        itself = Actor(user_id=None, name=payload.get("user") or plugin.id, permissions=plugin.grants)
        return Call(plugin, attached.code, asked, moment, itself, self._limits.background, background=True)

    def _register(self, plugin_id: str, attached: "_Attached | None") -> None:
        # The new hooks are there before the old ones are gone: nothing is ever written past both.
        old = self._registrations.pop(plugin_id, [])
        if attached is not None:
            places = sorted({(export.hook, export.order) for export in attached.plugin.exports.before})
            self._registrations[plugin_id] = [
                self._hooks.before(point, self._handler(attached, point, order), order=order, name=plugin_id)
                for point, order in places
            ]
        for registration in old:
            registration.remove()

    def _handler(self, attached: "_Attached", point: str, order: int) -> BeforeHandler:
        async def before(draft: dict[str, Any], current: dict[str, Any] | None, actor: Actor) -> dict[str, Any] | None:
            # A run that has begun with one version of a plugin ends with it; one that was detached is asked no more.
            if attached.plugin.id not in self._attached:
                return None
            # Who deletes has no draft of his own, and nobody minds what becomes of it.
            stored = current if point.endswith(".delete") else None
            for export in attached.hooks(point, order):
                draft = await self._run_hook(attached, export, stored or draft, current, actor)
            return draft

        return before

    async def _run_hook(
        self,
        attached: "_Attached",
        export: HookExport,
        draft: dict[str, Any],
        current: dict[str, Any] | None,
        actor: Actor,
    ) -> dict[str, Any]:
        if attached.plugin.paid and not await self.licences.take_part(attached.plugin):
            return draft
        asked = {"op": "before", "handler": export.handler, "hook": export.hook, "draft": draft, "current": current}
        moment = f"before {export.hook}"
        call = Call(attached.plugin, attached.code, asked, moment, actor, self._limits.before)
        try:
            answer = await self._calls.run(call, draft_answer)
        except LicenceStopped:
            return draft
        except (SandboxError, PoolBusy, PluginUnusable, PluginsTooDeep, QuotaExceeded, PluginPaused):
            # It has failed, which is in its log, or may not run now, but has refused nothing. An administrator has said
            # what becomes of the draft then.
            if export.hook in attached.plugin.open_hooks:
                return draft
            raise
        return draft if answer is None else answer

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

    def hooks(self, point: str, order: int) -> list[HookExport]:
        return [export for export in self.plugin.exports.before if (export.hook, export.order) == (point, order)]

    async def code(self) -> PluginCode:
        if self.loaded is None:
            async with self._turns[DEPTH.get()]:
                self.loaded = self.loaded or await self.plugin.code()
        return self.loaded


def _route_call(attached: _Attached, route: RouteExport, request: dict[str, Any], actor: Actor, limits: Limits) -> Call:
    asked = {"op": "route", "handler": route.handler, "request": request}
    return Call(attached.plugin, attached.code, asked, f"on {route.method} {route.path}", actor, limits)


def _handles(plugin: ActivePlugin, delivery: Delivery) -> bool:
    if delivery.name == SCHEDULE:
        return any(export.handler == delivery.handler for export in plugin.exports.schedules)
    listens = any((one.event, one.handler) == (delivery.name, delivery.handler) for one in plugin.exports.after)
    return listens and may_listen(plugin, delivery.name)
