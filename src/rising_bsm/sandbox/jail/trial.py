"""A trial: what the jail can do on this machine, found out by closing it around a process of its own."""

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import rising_bsm
from rising_bsm.sandbox.jail.jail import Jail
from rising_bsm.sandbox.jail.layers import Layer, LayerReport

_SECONDS = 30.0
_TRIAL = "import sys; sys.path.insert(0, sys.argv[1]); from rising_bsm.sandbox.jail import trial; trial.run()"


def check() -> list[LayerReport]:
    """Which layers hold on this machine, one report each; starts a process that jails itself, reports and ends."""
    if sys.platform != "linux":
        return Jail().lock(())
    ours, its = socket.socketpair()
    ours.settimeout(_SECONDS)
    with ours, _start(its) as process:
        its.close()
        answer = b""
        with suppress(OSError):  # too late, or gone: no answer, and the process must end
            answer = _read_all(ours)
        process.kill()
    return _reports(answer) or [
        LayerReport(layer, False, f"the trial process ended with status {process.returncode}") for layer in Layer
    ]


def run() -> None:
    """What the process of `check` does: close the whole jail, and then say so by the descriptor it was given."""
    answer = socket.socket(fileno=int(sys.argv[2]))
    jail = Jail()
    jail.enter()
    reports = jail.lock({answer.fileno()})
    answer.sendall(json.dumps([asdict(report) for report in reports]).encode())
    os._exit(0)


def _start(its: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - this very interpreter
        [sys.executable, "-I", "-c", _TRIAL, str(Path(rising_bsm.__file__).parents[1]), str(its.fileno())],
        env={},
        pass_fds=[its.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _read_all(source: socket.socket) -> bytes:
    return b"".join(iter(lambda: source.recv(65536), b""))


def _reports(answer: bytes) -> list[LayerReport]:
    reports = json.loads(answer or b"[]")
    return [LayerReport(Layer(report["layer"]), report["on"], report["detail"]) for report in reports]
