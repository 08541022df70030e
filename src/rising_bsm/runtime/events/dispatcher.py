"""Delivers what is due, as long as the application runs: in turn, beside the requests, and never two to one plugin."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Self

import structlog

from rising_bsm.db import Database, now
from rising_bsm.errors import Error, Failed
from rising_bsm.runtime.accounting import PluginPaused, QuotaExceeded
from rising_bsm.runtime.errors import NoLongerListening, PluginNotActive
from rising_bsm.runtime.events.chain import EventsTooDeep
from rising_bsm.runtime.events.queue import Queue
from rising_bsm.runtime.events.schedules import Schedules
from rising_bsm.runtime.events.tables import Delivery
from rising_bsm.runtime.runtime import Runtime

_log = structlog.get_logger("rising_bsm.events")

POLL_SECONDS = 0.5
"""How often to look for what other processes wrote; on SQLite there are none."""
STOP_SECONDS = 3.0
"""How long handlers that run may take to end when the application does."""
_TROUBLE_SECONDS = 1.0
_LONGEST_SECONDS = 30.0


class Dispatcher:
    """Runs the handlers of events and schedules of the plugins that are attached to `runtime`.

    `async with Dispatcher(...)` starts and ends it. Each plugin has one delivery at a time, in the order in which they
    fell due; plugins take turns at the places that there are, so one that hangs holds up nobody else.
    """

    def __init__(
        self, database: Database, runtime: Runtime, *, places: int, clock: Callable[[], datetime] = now
    ) -> None:
        self._runtime = runtime
        self._queue = Queue(database, clock)
        self._schedules = Schedules(database, clock)
        self._places = asyncio.Semaphore(places)
        self._clock = clock
        self._poll_seconds = POLL_SECONDS if database.url.get_backend_name() == "postgresql" else _LONGEST_SECONDS
        self._running: dict[str, asyncio.Task[None]] = {}
        self._closing = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._serving = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._closing.set()
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
        tasks = list(self._running.values())
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self) -> None:
        outbox, loop = self._runtime.outbox, asyncio.get_running_loop()
        next_look = loop.time()
        while True:
            announced = outbox.take_announced()
            # With many on their way, looking takes a while; who was announced by name is known to have something.
            for plugin_id in announced or ():
                self._start(plugin_id)
            if announced is None or loop.time() >= next_look:
                next_look = loop.time() + await self._look_or_wait()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_look):
                    await outbox.news.wait()

    async def _look_or_wait(self) -> float:
        try:
            return await self._look()
        except Exception as error:  # whatever it is: nothing else would ever deliver again
            _log.error("deliveries not looked for; tried again", error=str(error))
            return _TROUBLE_SECONDS

    async def _look(self) -> float:
        """Starts what is due; how long to wait before the next look, in seconds."""
        due = await self._run_by_the_clock()
        attached, moment = self._runtime.attached, self._clock()
        for plugin_id, first in (await self._queue.waiting()).items():
            if plugin_id in attached:
                if first <= moment:
                    self._start(plugin_id)
                due.append(first)
        later = [(each - moment).total_seconds() for each in due if each > moment]
        return min([self._poll_seconds, *later])

    async def _run_by_the_clock(self) -> list[datetime]:
        for plugin_id in list(self._runtime.rescheduled):
            self._runtime.rescheduled.discard(plugin_id)
            await self._keep_times(plugin_id)
        scheduled = [each for each in self._runtime.attached if self._runtime.schedules_of(each)]
        due = await self._schedules.enqueue_due(scheduled) if scheduled else None
        return [due] if due else []

    async def _keep_times(self, plugin_id: str) -> None:
        try:
            await self._schedules.keep(plugin_id, self._runtime.schedules_of(plugin_id))
        except Error:
            self._runtime.rescheduled.add(plugin_id)
            raise

    def _start(self, plugin_id: str) -> None:
        if plugin_id in self._running or plugin_id not in self._runtime.attached:
            return
        task = self._running[plugin_id] = asyncio.create_task(self._deliver_all(plugin_id))
        task.add_done_callback(lambda ended: self._ended(plugin_id, ended))

    def _ended(self, plugin_id: str, task: asyncio.Task[None]) -> None:
        del self._running[plugin_id]
        if not task.cancelled() and (error := task.exception()):
            _log.error("deliveries ended; tried again", plugin=plugin_id, error=str(error))
        # Something may have come in after the one that ended looked for the last time, or wait for its next attempt.
        self._runtime.outbox.announce()

    async def _deliver_all(self, plugin_id: str) -> None:
        """What is due to the plugin, one after the other; another plugin that waits for a place gets it in between."""
        while not self._closing.is_set():
            async with self._places:
                delivery = await self._queue.take(plugin_id)
                pause = await self._deliver(delivery) if delivery else None
            if pause is None:
                return
            if pause:
                await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _deliver(self, delivery: Delivery) -> float | None:
        """In how many seconds the plugin can be given another one, None for no more."""
        try:
            await self._runtime.run_delivery(delivery)
        except asyncio.CancelledError:
            await asyncio.shield(self._queue.give_back(delivery))
            raise
        except PluginNotActive:
            await self._queue.give_back(delivery)
            return None
        except QuotaExceeded as used_up:
            await self._queue.give_back(delivery)
            return used_up.retry_after
        except PluginPaused as pause:
            await self._queue.hold(delivery, pause.until)
        except Error as error:
            await self._queue.failed(delivery, error, for_good=isinstance(error, EventsTooDeep | NoLongerListening))
        except Exception as error:
            _log.exception("delivery broke", delivery=str(delivery.id), error=str(error))
            await self._queue.failed(delivery, Failed("Something broke on our side; the log says what."))
        else:
            await self._queue.done(delivery)
        return 0.0
