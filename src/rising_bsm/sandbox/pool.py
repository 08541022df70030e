"""The workers of this web process: who runs the next call, who waits, who is replaced."""

import asyncio
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from rising_bsm.errors import Error, InvalidInput

from . import frames
from .answers import value_of
from .code import PluginCode, code_of, compile_request
from .errors import WorkerLost
from .jail import ALL_LAYERS, Layer, LayerReport, Strength, require
from .lanes import Lane
from .limits import LOADING, MIB, Limits
from .process import WorkerProcess

HostHandler = Callable[[str, Any], Awaitable[Any]]
OnLog = Callable[[str, str], None]

CALLS_PER_LOOK = 64
"""How often a worker's memory is looked at; looking takes a tenth of a call."""


@dataclass(frozen=True)
class Outcome:
    """What a call came to, and what it took; `cold` if no instance stood ready."""

    value: Any
    fuel: int
    wall_seconds: float
    host_calls: int
    cold: bool


@dataclass(frozen=True)
class PoolSettings:
    """How many workers there are, how many calls may wait for one, and how strong their jail must be.

    `program` is what Python runs as a worker.
    """

    workers: int = 2
    queue: int = 256
    queue_seconds: float = 10.0
    worker_memory_bytes: int = 1024 * MIB
    depth: int = 4
    layers: frozenset[Layer] = ALL_LAYERS
    minimum: Strength = Strength.STRONG
    program: tuple[str, ...] = ("-m", "rising_bsm.sandbox.worker")


class Pool:
    """Runs plugins in jailed workers. `async with Pool(descriptor)` starts and ends them.

    Calls made while another plugin waits for their result (`depth` above 0) have workers of their own, so that plugins
    that wait for each other cannot take all workers there are.
    """

    def __init__(self, guest: int, settings: PoolSettings | None = None) -> None:
        self.settings = settings or PoolSettings()
        self.layers: list[LayerReport] = []
        self._guest = guest
        self._lanes = [self._new_lane() for _ in range(self.settings.depth)]
        self._workers: set[WorkerProcess] = set()
        self._idle: OrderedDict[WorkerProcess, None] = OrderedDict()
        self._call_id = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the workers; raises `JailError` when they cannot be locked up as strongly as required."""
        started = await asyncio.gather(*(self._start_worker() for _ in range(self.settings.workers)))
        for worker in started:
            self._idle[worker] = None

    async def stop(self) -> None:
        """End all workers; running calls are lost."""
        self._closing = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.kill() for worker in list(self._workers)))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def alive(self) -> int:
        """How many workers there are at this moment."""
        return sum(worker.alive for worker in self._workers)

    async def call(
        self,
        code: PluginCode | None,
        request: Mapping[str, Any],
        *,
        host: HostHandler,
        limits: Limits,
        seed: bytes | None = None,
        clock_ns: int | None = None,
        on_log: OnLog = lambda _stream, _text: None,
        depth: int = 0,
    ) -> Outcome:
        """Run one operation of a plugin, or of an empty interpreter if `code` is None.

        `host` answers the plugin's calls; the errors of `rising_bsm.errors` that it raises reach the plugin, any other
        ends the call. Raises a `SandboxError`, `PluginRefused` or `PoolBusy`.
        """
        counted = _Counted(host)
        async with self._lane(depth):
            worker = await self._acquire(code.digest if code else None)
            frame = self._frame(code, request, limits, seed, clock_ns)
            started = time.perf_counter()
            done = await self._run(worker, code, frame, counted, on_log)
        seconds = time.perf_counter() - started
        return Outcome(value_of(done), done.fuel, seconds, counted.count, done.cold)

    async def compile(
        self, files: Mapping[str, bytes], main: str, *, memory_bytes: int = 128 * MIB, resident: bool = False
    ) -> PluginCode:
        """Compile a plugin in the sandbox; `files` are paths below the bundle's `code/`. Raises `PluginRaised` with
        file and line for what is no Python."""
        outcome = await self.call(None, compile_request(files), host=_nothing_to_ask, limits=LOADING)
        data = {path: content for path, content in files.items() if not path.endswith(".py")}
        return code_of(main, outcome.value, data, memory_bytes=memory_bytes, resident=resident)

    async def describe(self, code: PluginCode) -> dict[str, Any]:
        """What the plugin's class exports: `{"routes", "before", "lifecycle"}`, read off the class itself."""
        outcome = await self.call(code, {"op": "describe"}, host=_nothing_to_ask, limits=Limits())
        exports: dict[str, Any] = outcome.value
        return exports

    def forget(self, digest: str) -> None:
        """Let idle workers drop a plugin; the others do when they run out of room."""
        for worker in self._idle:
            worker.drop(digest)

    def _new_lane(self) -> Lane:
        return Lane(self.settings.workers, self.settings.queue, self.settings.queue_seconds)

    def _lane(self, depth: int) -> Lane:
        if depth >= len(self._lanes):
            raise InvalidInput(
                f"Plugins call each other more than {len(self._lanes)} deep.",
                code="plugin.too_deep",
                next_step="Look for plugins whose hooks set each other off.",
            )
        return self._lanes[depth]

    def _frame(
        self,
        code: PluginCode | None,
        request: Mapping[str, Any],
        limits: Limits,
        seed: bytes | None,
        clock_ns: int | None,
    ) -> frames.Call:
        self._call_id += 1
        return frames.Call(
            call_id=self._call_id,
            digest=code.digest if code else None,
            payload=json.dumps(request),
            seed=secrets.token_bytes(32) if seed is None else seed,
            clock_ns=time.time_ns() if clock_ns is None else clock_ns,
            memory_bytes=limits.memory_bytes,
            wall_seconds=limits.wall_seconds,
            fuel=limits.fuel,
            host_calls=limits.host_calls,
            payload_bytes=limits.payload_bytes,
            log_bytes=limits.log_bytes,
        )

    async def _run(
        self, worker: WorkerProcess, code: PluginCode | None, frame: frames.Call, host: "_Counted", on_log: OnLog
    ) -> frames.Done:
        if code is not None:
            worker.load(code.digest, code.payload, code.memory_bytes, code.resident)
        try:
            done = await worker.run(frame, host, on_log)
        except BaseException:
            self._replace(worker)
            raise
        if worker.alive:  # it may have been lost the moment it was done
            if done.cold or frame.call_id % CALLS_PER_LOOK == 0:
                self._trim(worker)
            self._idle[worker] = None
        return done

    async def _acquire(self, digest: str | None) -> WorkerProcess:
        """An idle worker, rather one that knows the plugin; a new one if there is none."""
        for worker in reversed(self._idle):
            if digest in worker.loaded:
                del self._idle[worker]
                return worker
        if self._idle:
            return self._idle.popitem(last=False)[0]
        return await self._start_worker()

    async def _start_worker(self) -> WorkerProcess:
        worker = await WorkerProcess.start(self._guest, self.settings.layers, self.settings.program)
        self._workers.add(worker)
        worker.on_lost = self._replace
        self.layers = worker.layers
        try:
            require(worker.layers, self.settings.minimum)
        except Error:
            self._workers.discard(worker)
            await worker.kill()
            raise
        return worker

    def _replace(self, worker: WorkerProcess) -> None:
        """Kill a worker, whether it runs a call or has none, and start another in the background."""
        self._idle.pop(worker, None)
        if worker not in self._workers:
            return
        self._workers.remove(worker)

        async def replace() -> None:
            await worker.kill()
            if not self._closing and len(self._workers) < self.settings.workers:
                self._idle[await self._start_worker()] = None

        task = asyncio.create_task(replace())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _trim(self, worker: WorkerProcess) -> None:
        """Let a worker that takes more memory than it may forget what it has not used for longest."""
        used = worker.memory_bytes()
        if used is not None and used > self.settings.worker_memory_bytes:
            for digest in list(worker.loaded)[: max(1, len(worker.loaded) // 4)]:
                worker.drop(digest)


class _Counted:
    """Answers host calls in the guest's form and counts them."""

    def __init__(self, host: HostHandler) -> None:
        self._host = host
        self.count = 0

    async def __call__(self, name: str, payload: str) -> str:
        self.count += 1
        try:
            return json.dumps({"ok": await self._host(name, json.loads(payload))})
        except Error as error:
            return json.dumps({"error": error.as_dict()})
        except (ValueError, RecursionError):
            return json.dumps({"error": {"code": "host.invalid", "message": "The arguments are not JSON."}})


async def _nothing_to_ask(name: str, _payload: Any) -> Any:
    raise WorkerLost(f"{name} cannot be called now")
