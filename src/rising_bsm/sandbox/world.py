"""The guest's surroundings: our own clocks, entropy and output instead of stock WASI; everything else traps.

Everything the guest can observe here follows from the call's clock and seed, so a run can be repeated to the byte.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Any, NoReturn

from wasmtime import WasmtimeError
from wasmtime.component import Linker, LinkerInstance, Record, ResourceHost, ResourceType, Variant

from .door import BytesImport
from .errors import DeadlineExceeded, LogLimitExceeded, SandboxError

VERSION = "0.2.9"
TICK_NANOSECONDS = 1_000
MAX_POLLABLES = 64
MAX_ENTROPY_BYTES = 64 * 1024
WRITE_BYTES = 4096
POLLABLE, INPUT, OUTPUT, ERROR, NETWORK = 1, 2, 3, 4, 5
STDOUT, STDERR = 1, 2


class World:
    """What the running call sees of time, chance and output. One call runs at a time, so one world serves a worker.

    A trap carries no exception of ours through the engine; `failure` remembers why the call was stopped.
    """

    def __init__(self, write_log: Callable[[str, str], None]) -> None:
        self._write_log = write_log
        self.random_bytes = BytesImport(self.entropy)
        self.begin(seed=b"", clock_ns=0, wall_seconds=0, log_bytes=0)

    def begin(self, *, seed: bytes, clock_ns: int, wall_seconds: float, log_bytes: int) -> None:
        """Start a call: `seed` and `clock_ns` (Unix time) fix what it sees, the others limit it."""
        self._start_ns = self._now_ns = clock_ns
        self._deadline = time.monotonic() + wall_seconds
        self._log_left = log_bytes
        self._pollables: dict[int, int] = {}
        self._entropy = _entropy(seed)
        self.failure: SandboxError | None = None

    def stop(self, failure: SandboxError) -> NoReturn:
        """End the call with a trap and remember why."""
        self.failure = failure
        raise WasmtimeError(failure.message)

    @property
    def seconds_left(self) -> float:
        """Wall time that is left for this call."""
        return self._deadline - time.monotonic()

    def read_clock(self) -> int:
        """The call's time in Unix nanoseconds. It moves a step at each reading, and by what was slept."""
        self._now_ns += TICK_NANOSECONDS
        return self._now_ns

    def log(self, stream: str, text: str) -> None:
        """Pass on a piece of the plugin's output; the call ends when it has written too much."""
        size = len(text.encode(errors="replace"))
        if size > self._log_left:
            self.stop(LogLimitExceeded("the plugin wrote more to its log than one call may"))
        self._log_left -= size
        self._write_log(stream, text)

    def entropy(self, size: int) -> bytes:
        """The next `size` bytes of the call's entropy."""
        if size > MAX_ENTROPY_BYTES:
            raise WasmtimeError("too much entropy at once")
        return self._entropy(size)

    def new_pollable(self, due_ns: int) -> int:
        """Remember something to wait for."""
        if len(self._pollables) >= MAX_POLLABLES:
            raise WasmtimeError("too many timers")
        handle = max(self._pollables, default=0) + 1
        self._pollables[handle] = due_ns
        return handle

    def is_due(self, handle: int) -> bool:
        """Whether waiting for it would return at once."""
        return self._pollables.get(handle, 0) <= self._now_ns

    def wait(self, handles: list[int]) -> None:
        """Sleep until the first of `handles` is due, or end the call if that is beyond its deadline."""
        due = min((self._pollables.get(handle, 0) for handle in handles), default=0)
        seconds = (due - self._now_ns) / 1e9
        if seconds <= 0:
            return
        if seconds > self.seconds_left:
            self.stop(DeadlineExceeded(f"the plugin went to sleep for {seconds:.0f} s, longer than it may take"))
        time.sleep(seconds)
        self._now_ns = due

    def drop_pollable(self, handle: int) -> None:
        """Forget a pollable."""
        self._pollables.pop(handle, None)


def _entropy(seed: bytes) -> Callable[[int], bytes]:
    """A stream of bytes from a seed: SHAKE-256 in counter mode, a fresh block for each reading."""
    counter = 0

    def read(size: int) -> bytes:
        nonlocal counter
        counter += 1
        return hashlib.shake_256(seed + counter.to_bytes(8, "big")).digest(size)

    return read


def define(linker: Linker, world: World) -> None:
    """Define what the interpreter needs of its surroundings."""
    with linker.root() as root:
        for name, functions in _interfaces(world).items():
            with root.add_instance(f"wasi:{name}@{VERSION}") as instance:
                for function_name, function in functions.items():
                    _add(instance, function_name, function)


class _Resource:
    """A resource type of the host and what happens when one is dropped."""

    def __init__(self, number: int, drop: Callable[[int], None] = lambda _rep: None) -> None:
        self.number, self.drop = number, drop


def _add(instance: LinkerInstance, name: str, definition: Any) -> None:
    if isinstance(definition, BytesImport):
        definition.define_in(instance, name)
    elif isinstance(definition, _Resource):
        drop = definition.drop
        instance.add_resource(name, ResourceType.host(definition.number), lambda _store, rep: drop(rep))
    else:
        instance.add_func(name, _guarded(definition))


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function for the linker that never raises anything but a trap."""

    def guarded(store: Any, *arguments: Any) -> Any:
        try:
            return function(store, *arguments)
        except WasmtimeError:
            raise
        except Exception as error:
            raise WasmtimeError(str(error)) from None

    return guarded


def _rep(store: Any, resource: Any) -> int:
    number: int = resource.to_host(store).rep
    return number


def _interfaces(world: World) -> dict[str, dict[str, Any]]:
    return {
        "io/poll": _poll(world),
        "io/error": {"error": _Resource(ERROR)},
        "io/streams": _streams(world),
        "clocks/monotonic-clock": _monotonic(world),
        "clocks/wall-clock": _wall(world),
        "random/random": {"get-random-bytes": world.random_bytes},
        "cli/stdin": {"get-stdin": lambda _s: ResourceHost.own(0, INPUT)},
        "cli/stdout": {"get-stdout": lambda _s: ResourceHost.own(STDOUT, OUTPUT)},
        "cli/stderr": {"get-stderr": lambda _s: ResourceHost.own(STDERR, OUTPUT)},
        "cli/environment": {"get-environment": lambda _s: [], "get-arguments": lambda _s: []},
        "cli/terminal-stdin": {"get-terminal-stdin": lambda _s: None},
        "cli/terminal-stdout": {"get-terminal-stdout": lambda _s: None},
        "cli/terminal-stderr": {"get-terminal-stderr": lambda _s: None},
        "filesystem/preopens": {"get-directories": lambda _s: []},
        "sockets/network": {"network": _Resource(NETWORK)},
        "sockets/instance-network": {"instance-network": lambda _s: ResourceHost.own(0, NETWORK)},
        "sockets/ip-name-lookup": {"resolve-addresses": lambda _s, _network, _name: "access-denied"},
        "sockets/tcp-create-socket": {"create-tcp-socket": lambda _s, _family: "access-denied"},
        "sockets/udp-create-socket": {"create-udp-socket": lambda _s, _family: "access-denied"},
    }


def _poll(world: World) -> dict[str, Any]:
    def poll(store: Any, resources: list[Any]) -> list[int]:
        handles = [_rep(store, resource) for resource in resources]
        world.wait(handles)
        return [index for index, handle in enumerate(handles) if world.is_due(handle)]

    return {
        "pollable": _Resource(POLLABLE, world.drop_pollable),
        "[method]pollable.ready": lambda s, resource: world.is_due(_rep(s, resource)),
        "[method]pollable.block": lambda s, resource: world.wait([_rep(s, resource)]),
        "poll": poll,
    }


def _monotonic(world: World) -> dict[str, Any]:
    def pollable(due_ns: int) -> ResourceHost:
        return ResourceHost.own(world.new_pollable(due_ns), POLLABLE)

    return {
        "now": lambda _s: world.read_clock(),
        "resolution": lambda _s: TICK_NANOSECONDS,
        "subscribe-instant": lambda _s, instant: pollable(instant),
        "subscribe-duration": lambda _s, duration: pollable(world.read_clock() + duration),
    }


def _wall(world: World) -> dict[str, Any]:
    def now(_store: Any) -> Any:
        seconds, nanoseconds = divmod(world.read_clock(), 1_000_000_000)
        return _record(seconds=seconds, nanoseconds=nanoseconds)

    return {"now": now, "resolution": lambda _s: _record(seconds=0, nanoseconds=TICK_NANOSECONDS)}


def _record(**fields: int) -> Any:
    record = Record()
    record.__dict__.update(fields)
    return record


def _streams(world: World) -> dict[str, Any]:
    def write(store: Any, stream: Any, content: bytes) -> Variant:
        name = "stderr" if _rep(store, stream) == STDERR else "stdout"
        world.log(name, content.decode(errors="replace"))
        return Variant("ok")

    def closed(_store: Any, _stream: Any, _size: int) -> None:
        return None

    def ready(_store: Any, _stream: Any) -> ResourceHost:
        return ResourceHost.own(world.new_pollable(0), POLLABLE)

    return {
        "input-stream": _Resource(INPUT),
        "output-stream": _Resource(OUTPUT),
        "[method]input-stream.read": closed,
        "[method]input-stream.blocking-read": closed,
        "[method]input-stream.subscribe": ready,
        "[method]output-stream.check-write": lambda _s, _stream: WRITE_BYTES,
        "[method]output-stream.write": write,
        "[method]output-stream.blocking-write-and-flush": write,
        "[method]output-stream.blocking-flush": lambda _s, _stream: Variant("ok"),
        "[method]output-stream.flush": lambda _s, _stream: Variant("ok"),
        "[method]output-stream.subscribe": ready,
    }
