"""One call of a plugin: who it acts for, what it may reach, and an end that names it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from rising_bsm.accounts import Actor
from rising_bsm.bundle.settings import SettingField
from rising_bsm.db import Database
from rising_bsm.errors import Busy, Error
from rising_bsm.runtime.accounting import Accounting
from rising_bsm.runtime.accounting.execution import Execution
from rising_bsm.runtime.egress import Egress
from rising_bsm.runtime.errors import PluginsTooDeep, PluginUnusable
from rising_bsm.runtime.events.emitter import Emitter
from rising_bsm.runtime.events.outbox import Outbox
from rising_bsm.runtime.host import DEPTH, Host
from rising_bsm.runtime.licences import Licences
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.log import CallLog, PluginLogs
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.problems import Problems
from rising_bsm.runtime.services import Business, HostServices
from rising_bsm.runtime.settings import Cipher, PluginSettings
from rising_bsm.runtime.storage import Storage
from rising_bsm.runtime.text import visible
from rising_bsm.runtime.tracing import RUNNING, Span
from rising_bsm.sandbox import Limits, PluginCode, PluginRefused, Pool, PoolBusy, SandboxError

Checked = TypeVar("Checked")


@dataclass(frozen=True)
class Call:
    """What a plugin is asked: `request` is for the guest, `moment` for people (`before customers.create`)."""

    plugin: ActivePlugin
    code: Callable[[], Awaitable[PluginCode]]
    request: dict[str, Any]
    moment: str
    actor: Actor
    limits: Limits
    background: bool = False


class Calls:
    """Runs calls of plugins, keeps what they log and what they take, and knows which are running."""

    def __init__(
        self,
        pool: Pool,
        database: Database,
        business: Business,
        outbox: Outbox,
        limits: RuntimeLimits,
        egress: Egress,
        cipher: Cipher,
    ) -> None:
        self.logs = PluginLogs(database, limits)
        self.accounting = Accounting(database, business.notifications, limits)
        self.licences = Licences()
        self._pool = pool
        self._database = database
        self._business = business
        self._outbox = outbox
        self._limits = limits
        self._egress = egress
        self._cipher = cipher
        self._running: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        egress.meter.told = self.accounting.uses.note

    async def run(self, call: Call, check: Callable[[Any], Checked]) -> Checked:
        """What `check` makes of the plugin's answer; it may raise BadResult. No transaction may be open.

        Raises PluginRefused, PluginsTooDeep, and with the plugin and the moment named PluginUnusable, SandboxError or
        PoolBusy; when it was not begun, LicenceStopped, QuotaExceeded or PluginPaused.
        """
        if call.plugin.paid:
            call = replace(call, plugin=await self.licences.allowed(call.plugin))
        log, plugin = CallLog(self._limits), call.plugin
        execution = Execution(plugin.id, plugin.version, call.request["op"], call.moment, call.actor)
        self.accounting.uses.note_called(plugin.id, call.request)
        with (
            self._counted(plugin.id),
            self.accounting.of(plugin, execution),
            Span("plugin call", plugin=plugin.id, entry=call.moment),
            _running(plugin.id),
        ):
            host = self._host(call.plugin, call.actor, call.limits, log, execution)
            try:
                return check(await self._value(call, host, log, execution))
            except PluginRefused as refusal:
                raise _shown(refusal, call) from None
            except (SandboxError, PoolBusy, PluginUnusable) as error:
                failure = host.too_deep or _named(error, call)
                log.failed(failure.message, failure.place)
                raise failure from error
            finally:
                await self.logs.keep(plugin.id, log.lines)

    async def ask(self, plugin: ActivePlugin, frame: str, name: str, payload: Any, actor: Actor) -> Any:
        """What a function of the host answers to a frame of the plugin, which acts for this actor.

        Raises what the host refuses it with, LicenceStopped, QuotaExceeded or PluginPaused.
        """
        if plugin.paid:
            plugin = await self.licences.allowed(plugin)
        log, refusal = CallLog(self._limits), None
        execution = Execution(plugin.id, plugin.version, "frame", f"in frame {frame}", actor)
        with self._counted(plugin.id), self.accounting.of(plugin, execution), _running(plugin.id):
            host = self._host(plugin, actor, self._limits.call, log, execution)
            try:
                return await host(name, payload)
            except Error as error:
                # What the host refuses is no failure of the plugin that keeps it from being asked again.
                execution.status, execution.code, refusal = "refused", error.code, error
            finally:
                await self.logs.keep(plugin.id, log.lines)
        raise refusal

    def settings_of(self, plugin_id: str, fields: tuple[SettingField, ...]) -> PluginSettings:
        """The settings of a plugin that has these fields."""
        return PluginSettings(self._database, self._cipher, plugin_id, fields)

    def problems_of(self, plugin_id: str) -> Problems:
        """The problems of a plugin."""
        return Problems(self._database, plugin_id, self._limits)

    async def ended(self, plugin_id: str) -> None:
        """Waits until no call of the plugin is running."""
        while running := self._running.get(plugin_id):
            await asyncio.wait(running)

    async def _value(self, call: Call, host: Host, log: CallLog, execution: Execution) -> Any:
        depth = DEPTH.get()
        if depth >= self._pool.settings.depth:
            raise PluginsTooDeep(call.plugin.id, call.moment, depth)
        plugin = {"id": call.plugin.id, "version": call.plugin.version}
        about = {"context": {"plugin": plugin, "permissions": sorted(host.actor.permissions)}}
        outcome = await self._pool.call(
            await _code(call),
            call.request | about,
            host=host,
            limits=call.limits,
            on_log=log.printed,
            depth=depth,
            background=call.background,
            usage=execution.usage,
        )
        return outcome.value

    def _host(self, plugin: ActivePlugin, actor: Actor, limits: Limits, log: CallLog, execution: Execution) -> Host:
        storage = Storage(self._database, plugin.id, self._limits)
        http = self._egress.of(plugin.id, plugin.network)
        events = Emitter(self._database, self._outbox, plugin.id, self._limits)
        settings = self.settings_of(plugin.id, plugin.settings)
        problems = self.problems_of(plugin.id)
        services = HostServices(self._business, storage, log, events, settings, problems, http=http)
        if plugin.paid:
            services = replace(services, licence=partial(self.licences.find, plugin.id))
        most, spend = limits.host_calls, partial(self.accounting.spend, execution)
        used = partial(self.accounting.uses.note, plugin.id)
        return Host(plugin.id, plugin.grants, actor, services, most_calls=most, spend=spend, used=used)

    @contextmanager
    def _counted(self, plugin_id: str) -> Iterator[None]:
        ended = asyncio.get_running_loop().create_future()
        self._running[plugin_id].add(ended)
        try:
            yield
        finally:
            ended.set_result(None)
            self._running[plugin_id].discard(ended)
            if not self._running[plugin_id]:
                del self._running[plugin_id]


@contextmanager
def _running(plugin_id: str) -> Iterator[None]:
    token = RUNNING.set(plugin_id)
    try:
        yield
    finally:
        RUNNING.reset(token)


async def _code(call: Call) -> PluginCode:
    try:
        return await call.code()
    except (SandboxError, Busy):
        raise
    except Error as error:
        raise PluginUnusable(error.message, code=error.code, place=error.place, next_step=error.next_step) from error


def _shown(refusal: PluginRefused, call: Call) -> PluginRefused:
    message, place = visible(refusal.message), refusal.place and visible(refusal.place)
    step = f"Change it and try again; the plugin {call.plugin.id} decides about this."
    return PluginRefused(message, place=place, fields={place: message} if place else None, next_step=step)


def _named(error: SandboxError | PoolBusy | PluginUnusable, call: Call) -> Error:
    return type(error)(
        f"{call.plugin.id} failed {call.moment}: {visible(error.message)}",
        code=error.code,
        place=visible(error.place) if error.place else f"{call.plugin.id} {call.moment}",
        next_step=error.next_step,
    )
