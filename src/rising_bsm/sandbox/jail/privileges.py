"""Who the process is and what that allows. Linux only.

Sources: capabilities(7), prctl(2), credentials(7).
"""

import ctypes
import os
from contextlib import suppress

from rising_bsm.sandbox.jail.libc import call, prctl

NOBODY = 65534

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_SECUREBITS = 28
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

# NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE, each with its lock, and KEEP_CAPS locked at off.
_SECUREBITS = 0b11_10_11_11
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63


def refuse_new_privileges() -> str:
    """No program this process starts may gain rights from its file; also what lets anybody install filters."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return "set"


def hide_memory() -> str:
    """Other processes of the same user may neither trace this one nor read its memory, and it leaves no core dump."""
    prctl(_PR_SET_DUMPABLE, 0)
    return "not dumpable"


def become_nobody() -> str:
    """Give up every capability for good and, as root, become the user and group `NOBODY`; raises `OSError`."""
    _give_up_inheritance()
    if 0 in os.getresuid() + os.getresgid():
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())
    return f"user {os.getuid()}, group {os.getgid()}, no capabilities"


def _give_up_inheritance() -> None:
    """Capabilities that a later program could be given; whoever may not drop them has none to hand on."""
    with suppress(OSError):
        for capability in range(_LAST_CAPABILITY + 1):
            prctl(_PR_CAPBSET_DROP, capability)
    with suppress(OSError):
        prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    with suppress(OSError):
        prctl(_PR_SET_SECUREBITS, _SECUREBITS)
