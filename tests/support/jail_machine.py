"""What this machine offers, asked of the kernel without the code under test, so that tests skip only for its sake."""

import ctypes
import os
from functools import cache

import pytest

from rising_bsm.sandbox.jail import Layer

_NAMESPACES = 0x7E020000  # cgroup, uts, ipc, user, pid, net and mount
_NEWUSER = 0x10000000


@cache
def has_namespaces(user: int | None) -> bool:
    """Whether `user` may make all namespaces: root directly, others with a user namespace around them."""
    pid = os.fork()
    if pid == 0:
        if user is not None:
            os.setresuid(user, user, user)
        flags = _NAMESPACES & ~_NEWUSER if os.getuid() == 0 else _NAMESPACES
        os._exit(1 if ctypes.CDLL(None).unshare(flags) else 0)
    return os.waitpid(pid, 0)[1] == 0


@cache
def has_landlock() -> bool:
    """Whether the kernel has Landlock with control over TCP and scopes (ABI 6)."""
    return int(ctypes.CDLL(None).syscall(444, None, 0, 1)) >= 6


def need(layer: Layer, user: int | None) -> None:
    """Skip the test, with a sentence, where the machine cannot give `layer`."""
    if layer is Layer.NAMESPACES and not has_namespaces(user):
        pytest.skip("this machine does not let the user make namespaces")
    if layer is Layer.LANDLOCK and not has_landlock():
        pytest.skip("this kernel has no Landlock, or one older than ABI 6")
