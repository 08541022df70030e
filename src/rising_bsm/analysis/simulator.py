"""A host for one plugin, which is granted whatever it asks for: what `rising-bsm call` calls it in.

It is an instance's own: services and storage on a database of the moment with the demo data, permissions, arguments,
routes and answers checked by the runtime. Its clock stands still, so equal calls give equal answers, ids included.
"""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NoReturn
from uuid import UUID

import msgspec

from rising_bsm.accounts import Actor
from rising_bsm.analysis.deeds import AUTHOR, Deeds
from rising_bsm.analysis.loaded import Loaded
from rising_bsm.analysis.targets import (
    ActionTarget,
    ComponentTarget,
    EventTarget,
    HookTarget,
    LifecycleTarget,
    RouteTarget,
    ScheduleTarget,
    Target,
)
from rising_bsm.business.demo import load_demo
from rising_bsm.db import Database, now, stopped_clock, uuid7
from rising_bsm.errors import Error, Failed, NotFound
from rising_bsm.hooks import BeforeHandler, HookPoints
from rising_bsm.licensing import LEASE, Clock, Licence, LicenceType, Licensed, standing
from rising_bsm.runtime.answers import draft_answer, route_answer
from rising_bsm.runtime.egress import Egress, FetchRequest
from rising_bsm.runtime.events.emitter import Emitter
from rising_bsm.runtime.events.outbox import Outbox, as_told
from rising_bsm.runtime.host import DEPTH, Host
from rising_bsm.runtime.limits import DEFAULT_LIMITS
from rising_bsm.runtime.log import CallLog
from rising_bsm.runtime.problems import Problems
from rising_bsm.runtime.routes import RouteRequest, Routes
from rising_bsm.runtime.services import Business, HostServices
from rising_bsm.runtime.settings import Cipher, PluginSettings
from rising_bsm.runtime.storage import Storage
from rising_bsm.runtime.strangers import VISITOR
from rising_bsm.runtime.ui import acted_of, tree_of
from rising_bsm.runtime.ui.dispatch import Props, known_of
from rising_bsm.sandbox import Limits, Pool


@dataclass(frozen=True)
class HostCall:
    """What the plugin asked the host, and the code it was refused with, if it was."""

    name: str
    arguments: Any
    refused: str | None

    def as_dict(self) -> dict[str, Any]:
        """The call as JSON."""
        return asdict(self)


class Offline(Egress):
    """The network of somebody who has not said that it may be used."""

    async def exchange(self, plugin_id: str, request: FetchRequest) -> NoReturn:
        """Raises Failed (`call.no_network`)."""
        raise Failed(
            f"{plugin_id} asks {request.target.host}, and the network is not used here.",
            code="call.no_network",
            place=request.target.host,
            next_step="Add --allow-network to let it ask.",
        )


@asynccontextmanager
async def open_simulator(
    pool: Pool, plugin: Loaded, *, now: datetime, seed: bytes | None, egress: Egress | None = None
) -> "AsyncIterator[Simulator]":
    """A simulator on a new database with the demo data, which is gone afterwards; what was logged stays readable.

    Without an `egress` nothing is asked of the network.
    """
    with TemporaryDirectory(prefix="rising-bsm-") as folder, stopped_clock(now):
        database = Database(f"sqlite:///{folder}/call.db")
        try:
            await database.migrate()
            await load_demo(database, HookPoints())
            yield Simulator(pool, plugin, database, now=now, seed=seed, egress=egress or Offline())
        finally:
            await database.close()


class Simulator:
    """Calls one plugin at the time `now`, and keeps what it logs, asks and uses meanwhile.

    No hook runs on what the plugin writes: there is only one plugin, and it is being looked at already. It acts for
    `actor`; with `most`, those are the limits of every call.
    """

    def __init__(
        self,
        pool: Pool,
        plugin: Loaded,
        database: Database,
        *,
        now: datetime,
        seed: bytes | None,
        egress: Egress,
        actor: Actor = AUTHOR,
        most: Limits | None = None,
        background: bool = False,
    ) -> None:
        self.log = CallLog(DEFAULT_LIMITS)
        self.host_calls: list[HostCall] = []
        self.fuel, self.seconds = 0, 0.0
        self._pool, self._plugin, self._manifest = pool, plugin, plugin.manifest
        self._seed, self._clock_ns = seed, int(now.timestamp() * 1_000_000) * 1_000
        self._hooks = HookPoints()
        business = Business.on(database, self._hooks)
        self._deeds = Deeds(business, self._hooks)
        events = Emitter(database, Outbox(), self._manifest.id)
        settings = PluginSettings(database, Cipher.of_the_moment(), self._manifest.id, self._manifest.settings)
        problems = Problems(database, self._manifest.id)
        storage = Storage(database, self._manifest.id)
        entropy = secrets.token_bytes if seed is None else Random(seed).randbytes  # noqa: S311 - the same every time
        http = egress.of(self._manifest.id, self._manifest.network)
        services = HostServices(business, storage, self.log, events, settings, problems, entropy, http=http)
        if self._manifest.pricing.model == "paid":
            services = replace(services, licence=partial(_bought, self._manifest.id, now))
        asked = (*self._manifest.permissions, *self._manifest.optional_permissions)
        grants = {request.code for request in asked}
        self._host = Host(self._manifest.id, grants, actor, services)
        self._by_stranger = actor is VISITOR
        self._most, self._background = most, background

    async def call(self, target: Target, payload: Any) -> Any:
        """What the plugin answers, as an instance would take it; raises what an instance would raise."""
        if isinstance(target, RouteTarget):
            return await self._route(target, payload)
        if isinstance(target, HookTarget):
            return await self._before(target, payload)
        if isinstance(target, EventTarget):
            return await self._after(target, payload)
        if isinstance(target, ScheduleTarget):
            return await self._schedule(target)
        if isinstance(target, ComponentTarget):
            return await self._component(target, payload)
        if isinstance(target, ActionTarget):
            return await self._action(target, payload)
        return await self._lifecycle(target, payload)

    async def _route(self, target: RouteTarget, body: Any) -> Mapping[str, Any]:
        try:
            route, params = Routes(self._manifest.id, self._manifest.exports.routes).find(target.method, target.path)
        except NotFound:
            raise self._not_answered(f"{target.method} {target.path}") from None
        asked = RouteRequest(target.method, target.path, target.query, {}, body, by_stranger=self._by_stranger)
        request = asked.for_guest(params)
        value = await self._ask({"op": "route", "handler": route.handler, "request": request}, DEFAULT_LIMITS.call)
        return route_answer(value).as_dict()

    async def _before(self, target: HookTarget, payload: Any) -> Any:
        handlers = [export.handler for export in self._manifest.exports.before if export.hook == target.hook]
        if not handlers:
            raise self._not_answered(f"before {target.hook}")
        registration = self._hooks.before(target.hook, self._asking(target.hook, handlers))
        try:
            return await self._deeds.write(target.hook, payload)
        finally:
            registration.remove()

    def _asking(self, hook: str, handlers: list[str]) -> BeforeHandler:
        async def before(draft: dict[str, Any], current: dict[str, Any] | None, _actor: Any) -> dict[str, Any] | None:
            if DEPTH.get():  # the plugin itself is writing
                return None
            if hook.endswith(".delete") and current is not None:
                draft = current
            for handler in handlers:
                asked = {"op": "before", "handler": handler, "hook": hook, "draft": draft, "current": current}
                answer = draft_answer(await self._ask(asked, DEFAULT_LIMITS.before))
                draft = draft if answer is None else answer
            return draft

        return before

    async def _after(self, target: EventTarget, payload: Any) -> None:
        handlers = [export.handler for export in self._manifest.exports.after if export.event == target.event]
        if not handlers:
            raise self._not_answered(f"after {target.event}")
        event = await self._event(target.event, payload)
        for handler in handlers:
            await self._ask({"op": "after", "handler": handler, "event": event}, DEFAULT_LIMITS.background)

    async def _event(self, name: str, payload: Any) -> dict[str, Any]:
        """An event as handlers are told of it: of a plugin with this payload, or of what the payload leads to."""
        plugin_id, _, topic = name.partition(":")
        if topic:
            emitter = AUTHOR.limited_to(plugin_id, ())
            return as_told(uuid7(), name, now(), 0, emitter) | {"payload": payload}
        event = await self._deeds.event(name, payload)
        told = {"entity_id": event.entity_id, "before": event.before, "after": event.after}
        return as_told(uuid7(), name, now(), 0, AUTHOR) | told

    async def _schedule(self, target: ScheduleTarget) -> None:
        if target.handler not in {export.handler for export in self._manifest.exports.schedules}:
            raise self._not_answered(f"schedule {target.handler}")
        await self._ask({"op": "schedule", "handler": target.handler}, DEFAULT_LIMITS.background)

    async def _component(self, target: ComponentTarget, payload: Any) -> Any:
        """The tree as the host would draw it; the payload is what the props have besides the mount."""
        export = next((one for one in self._manifest.exports.components if one.handler == target.handler), None)
        if export is None:
            raise self._not_answered(f"component {target.handler}")
        props = Props.of(payload or {}).for_guest(export.mount)
        asked = {"op": "component", "handler": target.handler, "props": props}
        tree = tree_of(await self._ask(asked, DEFAULT_LIMITS.component), known_of(self._manifest.exports))
        return msgspec.to_builtins(list(tree))

    async def _action(self, target: ActionTarget, payload: Any) -> Any:
        if target.handler not in {export.handler for export in self._manifest.exports.actions}:
            raise self._not_answered(f"action {target.handler}")
        asked = {"op": "action", "handler": target.handler, "values": payload or {}}
        acted = acted_of(await self._ask(asked, DEFAULT_LIMITS.call), known_of(self._manifest.exports))
        return {name: value for name, value in msgspec.to_builtins(acted).items() if value}

    async def _lifecycle(self, target: LifecycleTarget, payload: Any) -> None:
        if target.moment not in self._manifest.exports.lifecycle:
            raise self._not_answered(target.moment)
        # The version before is the payload; without one, as if it came from this very version.
        arguments = [payload or self._manifest.version] if target.moment == "on_update" else []
        asked = {"op": "lifecycle", "handler": target.moment, "arguments": arguments}
        await self._ask(asked, DEFAULT_LIMITS.call)

    async def _ask(self, request: dict[str, Any], limits: Limits) -> Any:
        plugin = {"id": self._manifest.id, "version": self._manifest.version}
        outcome = await self._pool.call(
            self._plugin.code,
            request | {"context": {"plugin": plugin, "permissions": sorted(self._host.actor.permissions)}},
            host=self._answer,
            limits=self._most or limits,
            background=self._background,
            seed=self._seed,
            clock_ns=self._clock_ns,
            on_log=self.log.printed,
        )
        self.fuel += outcome.usage.fuel
        self.seconds += outcome.usage.wall_seconds
        return outcome.value

    async def _answer(self, name: str, arguments: Any) -> Any:
        try:
            answer = await self._host(name, arguments)
        except Error as error:
            self.host_calls.append(HostCall(name, arguments, error.code))
            raise
        self.host_calls.append(HostCall(name, arguments, None))
        return answer

    def _not_answered(self, target: str) -> NotFound:
        exports = self._manifest.exports
        answered = [f"{route.method} {route.path}" for route in exports.routes]
        answered += [f"before {export.hook}" for export in exports.before]
        answered += [f"after {export.event}" for export in exports.after]
        answered += [f"schedule {export.handler}" for export in exports.schedules]
        answered += [f"component {export.handler}" for export in exports.components]
        answered += [f"action {export.handler}" for export in exports.actions] + list(exports.lifecycle)
        return NotFound(
            f"{self._manifest.id} has nothing for {target}.",
            code="call.not_answered",
            place="TARGET",
            next_step=f"It has {', '.join(dict.fromkeys(answered)) or 'nothing at all'}.",
        )


async def _bought(plugin_id: str, moment: datetime) -> Licensed:
    """A premium licence for a year, without entitlements and limits: what most buyers of a plugin have."""
    licence = Licence(
        id=UUID(int=0),
        plugin=plugin_id,
        type=LicenceType.PREMIUM,
        instance="simulated",
        issued_at=moment,
        expires_at=moment + timedelta(days=365),
        valid_until=moment + LEASE,
        seq=1,
        nonce="simulated-licence",
    )
    return Licensed(licence, standing(licence, Clock(moment, moment)))
