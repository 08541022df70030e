"""Runs plugins: which worker takes the next call, who waits, and what becomes of it."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from rising_bsm.errors import InvalidInput

from . import frames
from .answers import value_of
from .code import PluginCode, code_of, compile_request
from .errors import WorkerLost
from .jail import LayerReport
from .lanes import Lane
from .limits import LOADING, MIB, Limits
from .process import WorkerProcess
from .staff import PoolSettings, Staff
from .usage import Counted, HostHandler, Outcome, Usage

OnLog = Callable[[str, str], None]


class Pool:
    """Runs plugins in jailed workers. `async with Pool(descriptor)` starts and ends them.

    Calls made while another plugin waits for their result (`depth` above 0) have workers of their own, so that plugins
    that wait for each other cannot take all workers there are. So have calls in the `background`, which nobody waits
    for: theirs are started when they are first needed, and get the processor last.
    """

    def __init__(self, guest: int, settings: PoolSettings | None = None) -> None:
        self.settings = settings or PoolSettings()
        self._staff = Staff(guest, self.settings)
        self._lanes = [self._new_lane(self.settings.workers) for _ in range(self.settings.depth)]
        self._background_lane = self._new_lane(self.settings.background_workers)
        self._call_id = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the workers; raises `JailError` when they cannot be locked up as strongly as required."""
        await self._staff.start()

    async def stop(self) -> None:
        """End all workers; running calls are lost."""
        await self._staff.stop()

    @property
    def layers(self) -> list[LayerReport]:
        """What locks up the worker that was started last."""
        return self._staff.layers

    @property
    def alive(self) -> int:
        """How many workers there are at this moment."""
        return self._staff.alive

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
            worker = await self._staff.take(code.digest if code else None, background)
            frame = self._frame(code, request, limits, seed, clock_ns)
            usage.bytes_in += len(frame.payload)
            started = time.perf_counter()
            try:
                done = await self._run(worker, code, frame, Counted(host, usage), on_log)
            finally:
                usage.wall_seconds = time.perf_counter() - started
        # What a worker says is not trusted: less than nothing, or more than there was, is not to be counted.
        usage.fuel, usage.cold = min(max(done.fuel, 0), limits.fuel), done.cold
        usage.bytes_out += len(done.payload)
        return Outcome(value_of(done), usage)

    async def compile(
        self,
        files: Mapping[str, bytes],
        main: str,
        *,
        memory_bytes: int = 128 * MIB,
        resident: bool = False,
        background: bool = False,
    ) -> PluginCode:
        """Compile a plugin in the sandbox; `files` are paths below the bundle's `code/`. Raises `PluginRaised` with
        file and line for what is no Python."""
        asked = compile_request(files)
        outcome = await self.call(None, asked, host=_nothing_to_ask, limits=LOADING, background=background)
        data = {path: content for path, content in files.items() if not path.endswith(".py")}
        return code_of(main, outcome.value, data, memory_bytes=memory_bytes, resident=resident)

    async def describe(self, code: PluginCode, *, background: bool = False) -> dict[str, Any]:
        """What the plugin's class exports: `{"routes", "before", "lifecycle"}`, read off the class itself."""
        asked = {"op": "describe"}
        outcome = await self.call(code, asked, host=_nothing_to_ask, limits=Limits(), background=background)
        exports: dict[str, Any] = outcome.value
        return exports

    def forget(self, digest: str) -> None:
        """Let idle workers drop a plugin; the others do when they run out of room."""
        self._staff.forget(digest)

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
        self, worker: WorkerProcess, code: PluginCode | None, frame: frames.Call, host: Counted, on_log: OnLog
    ) -> frames.Done:
        if code is not None:
            worker.load(code.digest, code.payload, code.memory_bytes, code.resident)
        try:
            done = await worker.run(frame, host, on_log)
        except BaseException:
            self._staff.replace(worker)
            raise
        self._staff.give_back(worker, cold=done.cold)
        return done


async def _nothing_to_ask(name: str, _payload: Any) -> Any:
    raise WorkerLost(f"{name} cannot be called now")
