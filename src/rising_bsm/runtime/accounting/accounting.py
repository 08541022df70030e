"""What is done around every call of a plugin, and beside them once a second."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Self

import structlog

from rising_bsm.accounts import SYSTEM
from rising_bsm.accounts.permissions import Role
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.db import Database, DatabaseUnavailable, iso, now
from rising_bsm.errors import Error, Failed
from rising_bsm.runtime.accounting.breaker import Ticket
from rising_bsm.runtime.accounting.breakers import Breakers, Opening
from rising_bsm.runtime.accounting.execution import LIFECYCLE, Execution
from rising_bsm.runtime.accounting.quotas import Quotas
from rising_bsm.runtime.accounting.recorder import Recorder
from rising_bsm.runtime.accounting.uses import Uses
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.plugin import ActivePlugin

_log = structlog.get_logger("rising_bsm.accounting")

TICK_SECONDS = 1.0
TICKS_PER_PRUNING = 3_600
GiveUp = Callable[[str, Error], Awaitable[None]]
Tripped = Callable[[str, str], Awaitable[bool]]


class PluginGivenUp(Failed):
    """The plugin kept failing after every pause, and was deactivated."""

    code = "plugin.given_up"


class Accounting:
    """Records calls, refuses those over a quota, and pauses what keeps failing. `clock` tells the time.

    `async with Accounting(...)` does once a second what need not be done while somebody waits. `watchers` are told of
    every call that has ended, also of those that were not begun (`paused`, `quota`). `tripped` is awaited with the id
    of a plugin that pauses because it keeps failing, and the entry; it says whether it has seen to that. If not,
    `give_up` is awaited with the id of a plugin that is to be deactivated, and why.
    """

    def __init__(
        self,
        database: Database,
        notifications: Notifications,
        limits: RuntimeLimits,
        clock: Callable[[], datetime] = now,
    ) -> None:
        def seconds() -> float:
            return clock().timestamp()

        self.recorder = Recorder(database)
        self.uses = Uses(database)
        self.quotas = Quotas(limits, seconds)
        self.breakers = Breakers(database, seconds)
        self.watchers: list[Callable[[Execution], None]] = []
        self.tripped: Tripped = _nobody_sees_to_it
        self.give_up: GiveUp = _nobody_to_tell
        self._notifications = notifications
        self._others_write = database.url.get_backend_name() == "postgresql"
        self._ticking: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.breakers.load()
        self._ticking = asyncio.create_task(self._tick_for_ever())
        return self

    async def __aexit__(self, *_error: object) -> None:
        # Not cancelled: nobody would know whether what it is writing at this moment is written.
        self._ending.set()
        if self._ticking is not None:
            await self._ticking
        with suppress(DatabaseUnavailable):
            await self.tick()

    @contextmanager
    def of(self, plugin: ActivePlugin, execution: Execution) -> Iterator[None]:
        """Inside, the plugin is called; what leaves it is noted. Raises QuotaExceeded and PluginPaused instead."""
        ticket = self._begin(plugin, execution)
        try:
            yield
        except BaseException as error:
            execution.ended_in(error)
            raise
        finally:
            self._end(plugin, execution, ticket)

    def spend(self, execution: Execution, cost: int) -> None:
        """The call asks for a host function of this cost. Raises QuotaExceeded."""
        self.quotas.spend(execution.plugin_id, cost)
        execution.cost += cost

    async def tick(self) -> None:
        """Writes what is waiting, and acts on breakers that have opened. Raises DatabaseUnavailable."""
        await self.recorder.flush()
        await self.uses.flush()
        await self.breakers.save()
        opened, self.breakers.opened = self.breakers.opened, []
        for opening in opened:
            await self._act_on(opening)
        if self._others_write:
            await self.breakers.load()

    async def forget(self, plugin_id: str) -> None:
        """Nothing more is written of the plugin, of which no call is running."""
        self.quotas.forget(plugin_id)
        self.breakers.forget(plugin_id)
        await self.recorder.forget(plugin_id)
        await self.uses.forget(plugin_id)

    def _begin(self, plugin: ActivePlugin, execution: Execution) -> Ticket | None:
        # What an administrator does with a plugin is never in its own way.
        if execution.kind == LIFECYCLE:
            return None
        try:
            self.quotas.begin(plugin.id)
            if plugin.breaker != "off":
                return self.breakers.begin(plugin.id, execution.entry, enforced=plugin.breaker == "enforce")
        except Error as error:
            execution.ended_in(error)
            self._tell(execution)
            raise
        return None

    def _end(self, plugin: ActivePlugin, execution: Execution, ticket: Ticket | None) -> None:
        self.quotas.burned(execution.plugin_id, execution.usage.fuel)
        self.recorder.add(execution)
        if ticket is not None:
            enforced = plugin.breaker == "enforce"
            self.breakers.end(plugin.id, execution.entry, ticket, execution.verdict, enforced=enforced)
        self._tell(execution)

    def _tell(self, execution: Execution) -> None:
        for watcher in self.watchers:
            watcher(execution)

    async def _act_on(self, opening: Opening) -> None:
        _log.warning("plugin keeps failing", plugin=opening.plugin_id, entry=opening.entry, enforced=opening.enforced)
        try:
            if opening.enforced and await self.tripped(opening.plugin_id, opening.entry):
                return
            if opening.enforced and opening.worn_out:
                await self.give_up(opening.plugin_id, _given_up(opening))
                # Who activates it again means it.
                self.breakers.reset(opening.plugin_id)
            await self._notifications.send(SYSTEM, _notification(opening))
        except Error as error:
            _log.error("nobody was told", plugin=opening.plugin_id, error=error.as_dict())

    async def _tick_for_ever(self) -> None:
        ticks = 0
        while not self._ending.is_set():
            try:
                if ticks % TICKS_PER_PRUNING == 0:
                    await self.recorder.prune()
                    await self.uses.prune()
                await self.tick()
            except Exception as error:  # whatever it is: nothing else would ever be written again
                _log.error("accounts not written; tried again", error=str(error))
            ticks += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._ending.wait()


async def _nobody_sees_to_it(_plugin_id: str, _entry: str) -> bool:
    return False


async def _nobody_to_tell(plugin_id: str, error: Error) -> None:
    _log.error("plugin keeps failing", plugin=plugin_id, error=error.as_dict())


def _given_up(opening: Opening) -> PluginGivenUp:
    return PluginGivenUp(
        f"{opening.plugin_id} kept failing {opening.entry}, also after every pause, and was deactivated.",
        place=f"{opening.plugin_id} {opening.entry}",
        next_step="See its log for the reason. Activate it again when that is gone, or uninstall it.",
    )


def _notification(opening: Opening) -> NotificationDraft:
    if not opening.enforced:
        sentence = f"It keeps failing {opening.entry}, and is asked nevertheless: its breaker only watches."
    elif opening.worn_out:
        sentence = f"It kept failing {opening.entry}, also after every pause, and was deactivated."
    else:
        sentence = f"It kept failing {opening.entry}, and is not asked until {iso(opening.until)}."
    return NotificationDraft(
        role=Role.ADMIN,
        title=f"{opening.plugin_id} keeps failing"[:120],
        message=f"{sentence} Its log says how it failed: GET /api/plugins/{opening.plugin_id}/log.",
        level="error",
    )
