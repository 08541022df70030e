"""The workers there are: who is idle, who is lost and replaced, and who takes too much memory."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from rising_bsm.errors import Error

from .jail import ALL_LAYERS, Layer, LayerReport, Strength, require
from .limits import MIB
from .process import WorkerProcess

CALLS_PER_LOOK = 64
"""How often a worker's memory is looked at; looking takes a tenth of a call."""


@dataclass(frozen=True)
class PoolSettings:
    """How many workers there are, how many calls may wait for one, and how strong their jail must be.

    `background_workers` are beside `workers`, for what nobody waits for. `program` is what Python runs as a worker.
    """

    workers: int = 2
    background_workers: int = 2
    queue: int = 256
    queue_seconds: float = 10.0
    worker_memory_bytes: int = 1024 * MIB
    depth: int = 4
    layers: frozenset[Layer] = ALL_LAYERS
    minimum: Strength = Strength.STRONG
    program: tuple[str, ...] = ("-m", "rising_bsm.sandbox.worker")


class Staff:
    """Workers on a compiled guest, a descriptor; those in the background get the processor last."""

    def __init__(self, guest: int, settings: PoolSettings) -> None:
        self.layers: list[LayerReport] = []
        self._guest = guest
        self._settings = settings
        self._workers: set[WorkerProcess] = set()
        self._idle: OrderedDict[WorkerProcess, None] = OrderedDict()
        self._idle_in_background: OrderedDict[WorkerProcess, None] = OrderedDict()
        self._runs = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def start(self) -> None:
        """Starts those that requests need; raises `JailError` when they cannot be locked up as strongly as required."""
        started = await asyncio.gather(*(self._start_worker() for _ in range(self._settings.workers)))
        for worker in started:
            self._idle[worker] = None

    async def stop(self) -> None:
        """Ends all workers; what they run is lost."""
        self._closing = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.kill() for worker in list(self._workers)))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def alive(self) -> int:
        """How many workers there are at this moment."""
        return sum(worker.alive for worker in self._workers)

    def forget(self, digest: str) -> None:
        """Lets idle workers drop a plugin; the others do when they run out of room."""
        for worker in (*self._idle, *self._idle_in_background):
            worker.drop(digest)

    async def take(self, digest: str | None, background: bool) -> WorkerProcess:
        """An idle worker, rather one that knows the plugin; a new one if there is none."""
        idle = self._idle_like(background)
        for worker in reversed(idle):
            if digest in worker.loaded:
                del idle[worker]
                return worker
        if idle:
            return idle.popitem(last=False)[0]
        return await self._start_worker(background)

    def give_back(self, worker: WorkerProcess, *, cold: bool) -> None:
        """The worker is idle again; `cold` if it had no instance ready, and so has more memory than before."""
        if not worker.alive:  # it may have been lost the moment it was done
            return
        self._runs += 1
        if cold or self._runs % CALLS_PER_LOOK == 0:
            self._trim(worker)
        self._idle_like(worker.background)[worker] = None

    def replace(self, worker: WorkerProcess) -> None:
        """Kills a worker, whether it runs a call or has none, and sees that there are enough others for requests."""
        self._idle_like(worker.background).pop(worker, None)
        if worker not in self._workers:
            return
        self._workers.remove(worker)

        async def anew() -> None:
            await worker.kill()
            left = sum(not other.background for other in self._workers)
            if not self._closing and not worker.background and left < self._settings.workers:
                self._idle[await self._start_worker()] = None

        task = asyncio.create_task(anew())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _idle_like(self, background: bool) -> "OrderedDict[WorkerProcess, None]":
        return self._idle_in_background if background else self._idle

    async def _start_worker(self, background: bool = False) -> WorkerProcess:
        worker = await WorkerProcess.start(self._guest, self._settings.layers, self._settings.program, background)
        self._workers.add(worker)
        worker.on_lost = self.replace
        self.layers = worker.layers
        try:
            require(worker.layers, self._settings.minimum)
        except Error:
            self._workers.discard(worker)
            await worker.kill()
            raise
        return worker

    def _trim(self, worker: WorkerProcess) -> None:
        """Let a worker that takes more memory than it may forget what it has not used for longest."""
        used = worker.memory_bytes()
        if used is not None and used > self._settings.worker_memory_bytes:
            for digest in list(worker.loaded)[: max(1, len(worker.loaded) // 4)]:
                worker.drop(digest)
