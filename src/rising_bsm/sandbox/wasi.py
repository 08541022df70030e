"""The guest's surroundings: our own clocks, entropy and output instead of stock WASI; everything else traps.

Stock WASI had several escapes and host-memory bugs, its sleep ignores deadlines and its clock is too fine. None of it
is linked. Interfaces: WASI 0.2, https://github.com/WebAssembly/WASI.
"""

from collections.abc import Callable
from typing import Any

from wasmtime import WasmtimeError
from wasmtime.component import Linker, LinkerInstance, Record, ResourceAny, ResourceHost, ResourceType, Variant

from .door import BytesImport
from .world import TICK_NANOSECONDS, World

VERSION = "0.2.9"
WRITE_BYTES = 4096
POLLABLE, INPUT, OUTPUT, ERROR, NETWORK = 1, 2, 3, 4, 5
STDOUT, STDERR = 1, 2


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
    """A function for the linker: it gets resources as their numbers and never raises anything but a trap."""

    def guarded(store: Any, *arguments: Any) -> Any:
        try:
            return function(*(_plain(store, argument) for argument in arguments))
        except WasmtimeError:
            raise
        except Exception as error:
            raise WasmtimeError(str(error)) from None

    return guarded


def _plain(store: Any, argument: Any) -> Any:
    """A resource's number; asking for it also ends the loan, without which the call could not end."""
    if isinstance(argument, ResourceAny):
        return argument.to_host(store).rep
    if isinstance(argument, list):
        return [_plain(store, part) for part in argument]
    return argument


def _interfaces(world: World) -> dict[str, dict[str, Any]]:
    return {
        "io/poll": _poll(world),
        "io/error": {"error": _Resource(ERROR)},
        "io/streams": _streams(world),
        "clocks/monotonic-clock": _monotonic(world),
        "clocks/wall-clock": _wall(world),
        "random/random": {"get-random-bytes": world.random_bytes},
        "cli/stdin": {"get-stdin": lambda: ResourceHost.own(0, INPUT)},
        "cli/stdout": {"get-stdout": lambda: ResourceHost.own(STDOUT, OUTPUT)},
        "cli/stderr": {"get-stderr": lambda: ResourceHost.own(STDERR, OUTPUT)},
        "cli/environment": {"get-environment": lambda: [], "get-arguments": lambda: []},
        "cli/terminal-stdin": {"get-terminal-stdin": lambda: None},
        "cli/terminal-stdout": {"get-terminal-stdout": lambda: None},
        "cli/terminal-stderr": {"get-terminal-stderr": lambda: None},
        "filesystem/preopens": {"get-directories": lambda: []},
        "sockets/network": {"network": _Resource(NETWORK)},
        "sockets/instance-network": {"instance-network": lambda: ResourceHost.own(0, NETWORK)},
        "sockets/ip-name-lookup": {"resolve-addresses": lambda _network, _name: "access-denied"},
        "sockets/tcp-create-socket": {"create-tcp-socket": lambda _family: "access-denied"},
        "sockets/udp-create-socket": {"create-udp-socket": lambda _family: "access-denied"},
    }


def _poll(world: World) -> dict[str, Any]:
    def poll(handles: list[int]) -> list[int]:
        world.wait(handles)
        return [index for index, handle in enumerate(handles) if world.is_due(handle)]

    return {
        "pollable": _Resource(POLLABLE, world.drop_pollable),
        "[method]pollable.ready": world.is_due,
        "[method]pollable.block": lambda handle: world.wait([handle]),
        "poll": poll,
    }


def _monotonic(world: World) -> dict[str, Any]:
    def pollable(due_ns: int) -> ResourceHost:
        return ResourceHost.own(world.new_pollable(due_ns), POLLABLE)

    return {
        "now": world.read_clock,
        "resolution": lambda: TICK_NANOSECONDS,
        "subscribe-instant": pollable,
        "subscribe-duration": lambda duration: pollable(world.read_clock() + duration),
    }


def _wall(world: World) -> dict[str, Any]:
    def now() -> Any:
        seconds, nanoseconds = divmod(world.read_clock(), 1_000_000_000)
        return _record(seconds=seconds, nanoseconds=nanoseconds)

    return {"now": now, "resolution": lambda: _record(seconds=0, nanoseconds=TICK_NANOSECONDS)}


def _record(**fields: int) -> Any:
    record = Record()
    record.__dict__.update(fields)
    return record


def _streams(world: World) -> dict[str, Any]:
    def write(stream: int, content: bytes) -> Variant:
        world.log("stderr" if stream == STDERR else "stdout", content.decode(errors="replace"))
        return Variant("ok")

    def closed(_stream: int, _size: int) -> None:
        return None

    def ready(_stream: int) -> ResourceHost:
        return ResourceHost.own(world.new_pollable(0), POLLABLE)

    return {
        "input-stream": _Resource(INPUT),
        "output-stream": _Resource(OUTPUT),
        "[method]input-stream.read": closed,
        "[method]input-stream.blocking-read": closed,
        "[method]input-stream.subscribe": ready,
        "[method]output-stream.check-write": lambda _stream: WRITE_BYTES,
        "[method]output-stream.write": write,
        "[method]output-stream.blocking-write-and-flush": write,
        "[method]output-stream.blocking-flush": lambda _stream: Variant("ok"),
        "[method]output-stream.flush": lambda _stream: Variant("ok"),
        "[method]output-stream.subscribe": ready,
    }
