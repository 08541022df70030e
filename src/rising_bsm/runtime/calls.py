"""One call of a plugin: who it acts for, what it may reach, and an end that names it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.errors import Busy, Error
from rising_bsm.runtime.errors import PluginsTooDeep, PluginUnusable
from rising_bsm.runtime.host import DEPTH, Host
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.log import CallLog, PluginLogs
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.services import CustomerService, HostServices
from rising_bsm.runtime.storage import Storage
from rising_bsm.runtime.text import visible
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


class Calls:
    """Runs calls of plugins, keeps what they log, and knows which are running."""

    def __init__(self, pool: Pool, database: Database, customers: CustomerService, limits: RuntimeLimits) -> None:
        self.logs = PluginLogs(database, limits)
        self._pool = pool
        self._database = database
        self._customers = customers
        self._limits = limits
        self._running: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)

    async def run(self, call: Call, check: Callable[[Any], Checked]) -> Checked:
        """What `check` makes of the plugin's answer; it may raise BadResult. No transaction may be open.

        Raises PluginRefused, PluginsTooDeep, and with the plugin and the moment named PluginUnusable, SandboxError or
        PoolBusy.
        """
        log = CallLog(self._limits)
        host = self._host(call, log)
        with self._counted(call.plugin.id):
            try:
                return check(await self._value(call, host, log))
            except PluginRefused as refusal:
                raise _shown(refusal, call) from None
            except (SandboxError, PoolBusy, PluginUnusable) as error:
                failure = host.too_deep or _named(error, call)
                log.failed(failure.message, failure.place)
                raise failure from error
            finally:
                await self.logs.keep(call.plugin.id, log.lines)

    async def ended(self, plugin_id: str) -> None:
        """Waits until no call of the plugin is running."""
        while running := self._running.get(plugin_id):
            await asyncio.wait(running)

    async def _value(self, call: Call, host: Host, log: CallLog) -> Any:
        depth = DEPTH.get()
        if depth >= self._pool.settings.depth:
            raise PluginsTooDeep(call.plugin.id, call.moment, depth)
        about = {"context": {"plugin": {"id": call.plugin.id, "version": call.plugin.version}}}
        outcome = await self._pool.call(
            await _code(call), call.request | about, host=host, limits=call.limits, on_log=log.printed, depth=depth
        )
        return outcome.value

    def _host(self, call: Call, log: CallLog) -> Host:
        storage = Storage(self._database, call.plugin.id, self._limits)
        services = HostServices(self._customers, storage, log)
        return Host(call.plugin.id, call.plugin.grants, call.actor, services)

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
