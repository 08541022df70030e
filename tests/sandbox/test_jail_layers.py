"""Each layer alone, with all others off, refuses what it is there for; without it the same code succeeds."""

import ctypes
import errno
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from rising_bsm.sandbox.jail import ALL_LAYERS, Layer
from support.jail import USERS, Outcome, run_jailed
from support.jail_attacks import ATTACKS, Attack
from support.jail_machine import need
from support.jail_world import make_world

AS_ROOT = os.getuid() == 0
INHERITED = {Layer.ENVIRONMENT, Layer.DESCRIPTORS}
NEEDS_NO_NEW_PRIVS = {Layer.EXECUTABLE_MEMORY, Layer.LANDLOCK, Layer.SECCOMP}
NAMED = {attack.name: attack for attack in ATTACKS}

# Beyond the general table: what one layer alone is about.
SPECIAL = [
    Attack("environment in Python", "result = os.environ['SECRET']"),
    Attack("environment as Python found it", "result = str(posix.environ[b'SECRET'])"),
    Attack("environment in C", "g = ctypes.CDLL(None).getenv; g.restype = ctypes.c_char_p; result = g(b'SECRET')[0]"),
    Attack("environment in the kernel", "result = open('/proc/self/environ').read().index('SECRET=')"),
    Attack("inherited file", "result = os.pread(arg['inherited'], 10, 0).decode()"),
    Attack("inherited listener", "result = os.fstat(arg['listener']).st_mode"),
    Attack("set-user-id program", "assert subprocess.check_output([arg['set_user_id'], '-u']) == b'0\\n'"),
    Attack("file of root alone", "result = open(arg['private']).read()", root=True),
    Attack("shared memory of another", "call('shmctl', arg['shared'], 2, ctypes.create_string_buffer(512))"),
    Attack("memory", "result = len(bytearray(256 << 20))"),
]
NAMED |= {attack.name: attack for attack in SPECIAL}

ALONE = {
    Layer.ENVIRONMENT: [
        *("environment in Python", "environment as Python found it", "environment in C"),
        "environment in the kernel",
    ],
    Layer.DESCRIPTORS: ["inherited file", "inherited listener"],
    Layer.NO_NEW_PRIVS: ["set-user-id program"],
    Layer.EXECUTABLE_MEMORY: [
        *("map code", "make memory code", "make memory code with a key", "readable implies executable"),
        *("write code", "write code after asking for it"),
    ],
    Layer.NAMESPACES: [
        *("read", "stat", "list", "connect tcp", "connect tcp6", "send udp", "connect unix path"),
        *("connect unix abstract", "kill", "trace", "read memory", "memory by proc", "shared memory of another"),
    ],
    Layer.IDENTITY: [
        *("file of root alone", "be root again", "chroot", "make a device", "mount", "host name", "socket raw"),
        *("socket packet", "other groups"),
    ],
    Layer.DUMPABLE: ["own memory as a file"],
    Layer.LANDLOCK: [
        *("read", "write", "list", "mkdir", "rename", "connect tcp", "listen", "connect unix abstract", "kill"),
        *("execve", "trace"),
    ],
    Layer.RLIMITS: ["append", "copy of a descriptor", "pipe", "raise a limit", "memory", "fork", "clone"],
    Layer.SECCOMP: [
        *("read", "stat", "connect tcp", "socket unix", "socket netlink", "fork", "clone", "clone3", "execve"),
        *("kill", "trace", "io_uring", "keyring", "own user namespace", "shared anonymous memory", "32-bit call"),
    ],
}
# Only an ordinary user is held by these: root writes any memory, and may start as many processes as it likes.
ORDINARY = {"own memory as a file", "fork", "clone", "set-user-id program", "raise a limit"}


def users_of(layer: Layer, attack: Attack) -> list[int | None]:
    if attack.root or layer is Layer.IDENTITY:
        return [None] if AS_ROOT else []
    if attack.name in ORDINARY and layer is not Layer.SECCOMP:
        return USERS[-1:]
    return USERS


ROWS = [
    pytest.param(layer, NAMED[name], user, id=f"{layer}-{name}-{user}")
    for layer, names in ALONE.items()
    for name in names
    for user in users_of(layer, NAMED[name])
]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int | None, dict[str, Any]]]:
    with ExitStack() as stack:
        more = stack.enter_context(make_more(tmp_path_factory.mktemp("jail")))
        yield {user: stack.enter_context(make_world(user)) | more for user in USERS}


@contextmanager
def make_more(folder: Path) -> Iterator[dict[str, Any]]:
    """A file of its owner alone, a set-user-id program, shared memory, and descriptors that children inherit."""
    private = folder / "private.txt"
    private.write_text("for the owner alone")
    private.chmod(0o600)
    libc = ctypes.CDLL(None)
    shared = libc.shmget(0, 4096, 0o1666)
    with (
        private.open() as file,
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryDirectory() as open_,
    ):
        os.chmod(open_, 0o755)
        program = shutil.copy(shutil.which("id") or "/usr/bin/id", open_)
        os.chmod(program, 0o4755)
        for descriptor in (file.fileno(), listener.fileno()):
            os.set_inheritable(descriptor, True)
        yield {
            "private": str(private),
            "set_user_id": program,
            "shared": shared,
            "inherited": file.fileno(),
            "listener": listener.fileno(),
        }
    libc.shmctl(shared, 0, None)


def test_every_layer_has_a_row() -> None:
    assert set(ALONE) == ALL_LAYERS


@pytest.mark.parametrize(("layer", "attack", "user"), ROWS)
def test_one_layer_alone_refuses(
    layer: Layer, attack: Attack, user: int | None, worlds: dict[int | None, dict[str, Any]]
) -> None:
    need(layer, user)
    if attack.name == "set-user-id program" and not AS_ROOT:
        pytest.skip("only root can make a set-user-id program of root's")
    needed = {Layer.NO_NEW_PRIVS} if layer in NEEDS_NO_NEW_PRIVS else set()

    def run(layers: Collection[Layer]) -> Outcome:
        return run_jailed(
            attack.code,
            before=attack.before,
            layers=layers,
            user=user,
            arguments=worlds[user],
            env={"SECRET": "in the environment"} if layer in INHERITED else None,
            memory_bytes=128 << 20,
        )

    free = run(needed)
    if attack.special and (free.errno == errno.EPERM or free.signal == signal.SIGSEGV):
        pytest.skip("this machine refuses it without any jail")
    assert free.answered, free
    held = run(needed | {layer})
    assert held.on == needed | {layer}, held
    assert held.refused, held
