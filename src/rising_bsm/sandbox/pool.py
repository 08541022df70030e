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


@dataclass
class Usage:
    """What a call has taken so far; still right when it failed.

    `wall_seconds` begin when it has its worker, `host_seconds` are those of them in which it waited for the host.
    `bytes_in` went to the plugin and `bytes_out` came from it: the request, the result, and what it said to the host.
    `cold` if no instance stood ready. The fuel of a call whose worker was lost is unknown and 0.
    """

    fuel: int = 0
    wall_seconds: float = 0.0
    host_seconds: float = 0.0
    host_calls: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    cold: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a call came to, and what it took."""

    value: Any
    usage: Usage


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


class Pool:
    """Runs plugins in jailed workers. `async with Pool(descriptor)` starts and ends them.

    Calls made while another plugin waits for their result (`depth` above 0) have workers of their own, so that plugins
    that wait for each other cannot take all workers there are. So have calls in the `background`, which nobody waits
    for: theirs are started when they are first needed, and get the processor last.
    """

    def __init__(self, guest: int, settings: PoolSettings | None = None) -> None:
        self.settings = settings or PoolSettings()
        self.layers: list[LayerReport] = []
        self._guest = guest
        self._lanes = [self._new_lane(self.settings.workers) for _ in range(self.settings.depth)]
        self._background_lane = self._new_lane(self.settings.background_workers)
        self._workers: set[WorkerProcess] = set()
        self._idle: OrderedDict[WorkerProcess, None] = OrderedDict()
        self._idle_in_background: OrderedDict[WorkerProcess, None] = OrderedDict()
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

    @property
    def waiting(self) -> int:
        """How many calls wait for a worker."""
        return sum(lane.waiting for lane in (*self._lanes, self._background_lane))

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
        background: bool = False,
        usage: Usage | None = None,
    ) -> Outcome:
        """Run one operation of a plugin, or of an empty interpreter if `code` is None.

        `host` answers the plugin's calls; the errors of `rising_bsm.errors` that it raises reach the plugin, any other
        ends the call. `usage`, a new one, is filled whatever becomes of the call. Raises a `SandboxError`,
        `PluginRefused` or `PoolBusy`.
        """
        usage = usage or Usage()
        async with self._background_lane if background else self._lane(depth):
            worker = await self._acquire(code.digest if code else None, background)
            frame = self._frame(code, request, limits, seed, clock_ns)
            usage.bytes_in += len(frame.payload)
            started = time.perf_counter()
            try:
                done = await self._run(worker, code, frame, _Counted(host, usage), on_log)
            finally:
                usage.wall_seconds = time.perf_counter() - started
        # What a worker says is not trusted: less than nothing, or more than there was, is not to be counted.
        usage.fuel, usage.cold = min(max(done.fuel, 0), limits.fuel), done.cold
        usage.bytes_out += len(done.payload)
        return Outcome(value_of(done), usage)

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
        for worker in (*self._idle, *self._idle_in_background):
            worker.drop(digest)

    def _new_lane(self, width: int) -> Lane:
        return Lane(width, self.settings.queue, self.settings.queue_seconds)

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
            limits=limits,
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
            self._idle_like(worker.background)[worker] = None
        return done

    async def _acquire(self, digest: str | None, background: bool) -> WorkerProcess:
        """An idle worker, rather one that knows the plugin; a new one if there is none."""
        idle = self._idle_like(background)
        for worker in reversed(idle):
            if digest in worker.loaded:
                del idle[worker]
                return worker
        if idle:
            return idle.popitem(last=False)[0]
        return await self._start_worker(background)

    def _idle_like(self, background: bool) -> "OrderedDict[WorkerProcess, None]":
        return self._idle_in_background if background else self._idle

    async def _start_worker(self, background: bool = False) -> WorkerProcess:
        worker = await WorkerProcess.start(self._guest, self.settings.layers, self.settings.program, background)
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
        """Kill a worker, whether it runs a call or has none, and see that there are enough others for requests."""
        self._idle_like(worker.background).pop(worker, None)
        if worker not in self._workers:
            return
        self._workers.remove(worker)

        async def replace() -> None:
            await worker.kill()
            left = sum(not other.background for other in self._workers)
            if not self._closing and not worker.background and left < self.settings.workers:
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

    def __init__(self, host: HostHandler, usage: Usage) -> None:
        self._host = host
        self._usage = usage

    async def __call__(self, name: str, payload: str) -> str:
        usage, started = self._usage, time.perf_counter()
        usage.host_calls += 1
        usage.bytes_out += len(payload)
        try:
            reply = await self._answer(name, payload)
        finally:
            usage.host_seconds += time.perf_counter() - started
        usage.bytes_in += len(reply)
        return reply

    async def _answer(self, name: str, payload: str) -> str:
        try:
            return json.dumps({"ok": await self._host(name, json.loads(payload))})
        except Error as error:
            return json.dumps({"error": error.as_dict()})
        except (ValueError, RecursionError):
            return json.dumps({"error": {"code": "host.invalid", "message": "The arguments are not JSON."}})


async def _nothing_to_ask(name: str, _payload: Any) -> Any:
    raise WorkerLost(f"{name} cannot be called now")
