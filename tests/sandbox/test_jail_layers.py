"""Each layer alone, with all others off, refuses what it is there for; without it the same code succeeds."""

import errno
import os
import signal
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from rising_bsm.sandbox.jail import ALL_LAYERS, Layer
from support.jail import USERS, Outcome, run_jailed
from support.jail_attacks import ATTACKS, Attack
from support.jail_machine import need
from support.jail_special import SPECIAL, make_more
from support.jail_world import make_world

AS_ROOT = os.getuid() == 0
INHERITED = {Layer.ENVIRONMENT, Layer.DESCRIPTORS}
NEEDS_NO_NEW_PRIVS = {Layer.EXECUTABLE_MEMORY, Layer.LANDLOCK, Layer.SECCOMP}
NAMED = {attack.name: attack for attack in ATTACKS + SPECIAL}

ALONE = {
    Layer.ENVIRONMENT: [
        *("environment in Python", "environment as Python found it", "environment in C"),
        *("environment in the kernel", "environment that C added"),
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
        "file above the root",
    ],
    Layer.IDENTITY: [
        *("file of root alone", "be root again", "chroot", "make a device", "mount", "host name", "socket raw"),
        *("socket packet", "other groups", "file of a former group", "capabilities by a set-user-id program"),
    ],
    Layer.DUMPABLE: ["own memory as a file"],
    Layer.LANDLOCK: [
        *("read", "write", "list", "mkdir", "rename", "connect tcp", "listen", "connect unix abstract", "kill"),
        *("execve", "trace"),
    ],
    Layer.RLIMITS: [
        "write to an open file",
        "copy of a descriptor",
        "pipe",
        "raise a limit",
        "memory",
        "fork",
        "clone",
    ],
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
