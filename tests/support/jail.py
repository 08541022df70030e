"""Runs native Python code in a real jailed process and tells what became of it."""

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rising_bsm.sandbox.jail import ALL_LAYERS, Layer, LayerReport

SECONDS = 60.0
NOBODY = 65534
ROOTS = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

# The jail alone is imported, without the front of its room: the room's other parts take longer to import than the
# jail takes to close, some hundred times over.
PROGRAM = """
import sys, types
sys.path[:0] = {roots!r}
room = sys.modules["rising_bsm.sandbox"] = types.ModuleType("rising_bsm.sandbox")
room.__path__ = [sys.path[1] + "/rising_bsm/sandbox"]
from support import jail_child
jail_child.{role}()
"""

# The identities under which tests run: whoever runs them (`None`), and for root also somebody ordinary.
USERS: list[int | None] = [None, NOBODY] if os.getuid() == 0 else [None]


@dataclass(frozen=True)
class Outcome:
    """What a jailed process did: gave a result, raised, or was killed by a signal; `broken` if it never got so far."""

    status: int
    reports: Mapping[Layer, LayerReport]
    answered: bool = False
    result: Any = None
    raised: str | None = None
    errno: int | None = None
    broken: str | None = None
    code: str | None = None

    @property
    def signal(self) -> signal.Signals | None:
        return signal.Signals(-self.status) if self.status < 0 else None

    @property
    def refused(self) -> bool:
        return self.raised is not None or (not self.answered and self.signal in {signal.SIGSYS, signal.SIGSEGV})

    @property
    def on(self) -> set[Layer]:
        return {layer for layer, report in self.reports.items() if report.on}


def run_jailed(
    attack: str,
    *,
    layers: Collection[Layer] = ALL_LAYERS,
    before: str = "",
    arguments: Mapping[str, Any] | None = None,
    user: int | None = None,
    memory_bytes: int | None = None,
    imports: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    without: tuple[int, int, int | None] | None = None,
    meanwhile: Callable[[socket.socket, int], None] | None = None,
) -> Outcome:
    """Let a process run `before`, lock itself and run `attack`; `result` is the name that `attack` leaves.

    `before` may put descriptors into `keep`. `meanwhile` is called with the channel and the process id once the jail is
    closed. `without` is a system call to fail, the error, and the first argument with which it does, or any.
    With `env` or `imports` the process is started from nothing, with whatever is inheritable, and not forked.
    """
    order: dict[str, Any] = {
        "attack": attack,
        "before": before,
        "layers": list(layers),
        "user": user,
        "memory_bytes": memory_bytes,
    }
    order |= {"arguments": dict(arguments or {}), "imports": list(imports), "without": without}
    with _forked() if env is None and not imports else _started(env) as (channel, pid, wait):
        channel.sendall(json.dumps(order).encode() + b"\n")
        try:
            messages = list(_messages(channel, pid, meanwhile))
        except BaseException:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            wait()
            raise
        return _outcome(wait(), messages)


Running = tuple[socket.socket, int, Callable[[], int]]


@contextmanager
def _started(env: Mapping[str, str] | None) -> Iterator[Running]:
    ours, its = _channel()
    with ours, start("main", str(its.fileno()), env=env) as process:
        its.close()
        yield ours, process.pid, lambda: process.wait(SECONDS)


@contextmanager
def _forked() -> Iterator[Running]:
    control = _server()
    ours, its = _channel()
    with ours:
        socket.send_fds(control, [b"x"], [its.fileno()])
        its.close()
        yield ours, _number(control), lambda: _number(control)


def _number(control: socket.socket) -> int:
    value: int = struct.unpack("=i", control.recv(4, socket.MSG_WAITALL))[0]
    return value


@cache
def _server() -> socket.socket:
    ours, its = _channel()
    process = start("serve", str(its.fileno()))
    its.close()

    @atexit.register
    def stop() -> None:
        ours.close()
        process.wait(SECONDS)

    return ours


def _channel() -> tuple[socket.socket, socket.socket]:
    ours, its = socket.socketpair()
    ours.settimeout(SECONDS)
    its.set_inheritable(True)
    return ours, its


def start(role: str, *arguments: str, env: Mapping[str, str] | None = None, **pipes: Any) -> subprocess.Popen[bytes]:
    """Start `support.jail_child` in a fresh interpreter; whatever is inheritable is inherited."""
    program = PROGRAM.format(roots=ROOTS, role=role)
    return subprocess.Popen(
        [sys.executable, "-I", "-c", program, *arguments], env=dict(env or {}), close_fds=False, **pipes
    )


def _messages(
    channel: socket.socket, pid: int, meanwhile: Callable[[socket.socket, int], None] | None
) -> Iterator[dict[str, Any]]:
    with suppress(ConnectionResetError):  # it died with something left to read
        for line in filter(bytes.strip, channel.makefile("rb")):
            message = json.loads(line)
            yield message
            if meanwhile is not None and "reports" in message:
                meanwhile(channel, pid)


def _outcome(status: int, messages: list[dict[str, Any]]) -> Outcome:
    said: dict[str, Any] = {}
    for message in messages:
        said |= message
    reports = {Layer(one["layer"]): LayerReport(Layer(one["layer"]), **_rest(one)) for one in said.pop("reports", ())}
    return Outcome(status, reports, answered="result" in said, **said)


def _rest(report: dict[str, Any]) -> dict[str, Any]:
    return {"on": report["on"], "detail": report["detail"]}


@dataclass(frozen=True)
class Victim:
    """A process of the attacker's user: its id, and where in its memory the secret is."""

    pid: int
    address: int


@contextmanager
def make_victim(user: int | None) -> Iterator[Victim]:
    with start("victim", str(user or ""), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pid, address = map(int, process.stdout.readline().split())
        yield Victim(pid, address)
        process.stdin.close()
        process.wait(SECONDS)
