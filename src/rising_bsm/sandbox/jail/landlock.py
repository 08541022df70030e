"""Landlock: no file, no TCP port, no abstract socket, no signal to anybody outside. Linux 5.13 and newer.

The rights a kernel knows are asked from the kernel one by one, so that a newer one denies more without a new table.
Source: Documentation/userspace-api/landlock.rst.
"""

import ctypes
import os

from rising_bsm.sandbox.jail.layers import Unavailable
from rising_bsm.sandbox.jail.libc import call

_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # the same numbers on every architecture
_VERSION = 1
_FILES, _NETWORK, _SCOPES = range(3)


def deny_all() -> str:
    """Deny every right the kernel's Landlock knows; raises `OSError`, or `Unavailable` where there is no Landlock."""
    try:
        abi = call("syscall", _CREATE_RULESET, None, 0, _VERSION)
    except OSError as error:
        raise Unavailable(f"this kernel has no Landlock ({error.strerror})") from error
    rights = [_known(field) for field in (_FILES, _NETWORK, _SCOPES)]
    ruleset = _create(rights)
    try:
        call("syscall", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    files, network, scopes = (value.bit_count() for value in rights)
    return f"ABI {abi}: {files} file rights and {network} network rights denied, {scopes} scopes"


def _known(field: int) -> int:
    """All bits of one field that this kernel accepts; they are numbered without gaps."""
    known = 0
    for bit in range(64):
        try:
            os.close(_create([1 << bit if index == field else 0 for index in range(3)]))
        except OSError:
            break
        known |= 1 << bit
    return known


def _create(rights: list[int]) -> int:
    attributes = (ctypes.c_uint64 * 3)(*rights)
    return call("syscall", _CREATE_RULESET, attributes, ctypes.sizeof(attributes), 0)
