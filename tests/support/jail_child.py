"""The other end of `support.jail`: a process that jails itself and then runs native code it was sent."""

# What attacks use is imported here: a locked process cannot import, and one that dropped root may not be able to.
import ctypes
import errno
import fcntl
import importlib
import json
import mmap
import os
import posix
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from types import ModuleType
from typing import Any, NoReturn

from rising_bsm.sandbox.jail import Jail, Layer, bpf, privileges, seccomp
from rising_bsm.sandbox.jail.libc import call

MODULES: tuple[ModuleType, ...] = (
    *(ctypes, errno, fcntl, mmap, os, posix, resource),
    *(select, signal, socket, struct, subprocess, threading, time),
)
NUMBERS = {
    "x86_64": {"clone": 56, "vfork": 58, "tgkill": 234, "keyctl": 250, "perf_event_open": 298, "bpf": 321}
    | {"execveat": 322, "userfaultfd": 323, "pkey_mprotect": 329, "futex": 202},
    "aarch64": {"clone": 220, "tgkill": 131, "keyctl": 219, "perf_event_open": 241, "bpf": 280}
    | {"execveat": 281, "userfaultfd": 282, "pkey_mprotect": 288, "futex": 98},
}.get(os.uname().machine, {})


def raw(number: int | str, *arguments: object) -> int:
    """A system call by its number, or by its name where the number differs between architectures."""
    return call("syscall", NUMBERS[number] if isinstance(number, str) else number, *arguments)


def drop_root(user: int) -> None:
    """Become `user` as a service manager would before it starts a program: with nothing left of root's."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    call("prctl", 4, 1, 0, 0, 0)  # a program started by an ordinary user is dumpable


def fail_call(number: int, error: int, first_argument: int | None) -> None:
    """Let a system call fail from now on, as on a machine that has not got it."""
    first = [(0x20, 0, 0, 16), (0x15, 1, 0, first_argument), *bpf.give(bpf.ALLOW)] if first_argument else []
    fail = [*first, *bpf.give(0x00050000 | error)]
    privileges.refuse_new_privileges()
    seccomp.install([(0x20, 0, 0, 0), (0x15, 0, len(fail), number), *fail, *bpf.give(bpf.ALLOW)])


def main() -> None:
    obey(int(sys.argv[1]))


def serve() -> None:
    """Obey one order after the other, each in a process forked from this one; starting an interpreter takes longer."""
    control = socket.socket(fileno=int(sys.argv[1]))
    while True:
        _, descriptors, *_ = socket.recv_fds(control, 1, 1)
        if not descriptors:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            control.close()
            obey(descriptors[0])
        os.close(descriptors[0])
        control.sendall(struct.pack("=i", pid))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        control.sendall(struct.pack("=i", status))


def obey(descriptor: int) -> NoReturn:
    channel = socket.socket(fileno=descriptor)
    order = json.loads(channel.makefile("rb").readline())
    for name in order["imports"]:
        importlib.import_module(name)
    if order["user"] is not None:
        drop_root(order["user"])
    if order["without"] is not None:
        fail_call(*order["without"])
    names: dict[str, Any] = {module.__name__: module for module in MODULES}
    names |= {name: sys.modules[name] for name in order["imports"]}
    names |= {"arg": order["arguments"], "channel": channel, "raw": raw, "call": call, "keep": set()}
    _run(channel, order, names)
    os._exit(0)


def _run(channel: socket.socket, order: dict[str, Any], names: dict[str, Any]) -> None:
    before, attack = (compile(order[part], f"<{part}>", "exec") for part in ("before", "attack"))
    jail = Jail([Layer(name) for name in order["layers"]], memory_bytes=order["memory_bytes"])
    try:
        jail.enter()
        exec(before, names)
        reports = jail.lock({channel.fileno(), *names["keep"]})
    except BaseException as error:
        return _say(channel, {"broken": f"{type(error).__name__}: {error}", "code": getattr(error, "code", None)})
    _say(channel, {"reports": [asdict(report) for report in reports]})
    try:
        exec(attack, names)
    except BaseException as error:
        return _say(channel, {"raised": f"{type(error).__name__}: {error}", "errno": getattr(error, "errno", None)})
    return _say(channel, {"result": names.get("result")})


def _say(channel: socket.socket, message: dict[str, Any]) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


def victim() -> None:
    """A process that attacks are aimed at: says where its secret is, and stays until its input ends."""
    secret = ctypes.create_string_buffer(b"the secret of another process")
    if sys.argv[1]:
        drop_root(int(sys.argv[1]))
    print(os.getpid(), ctypes.addressof(secret), flush=True)
    sys.stdin.read()
