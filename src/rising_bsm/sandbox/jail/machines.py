"""The system calls that the filters name, by number, on each architecture they are written for.

Source: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rising_bsm.sandbox.jail.layers import Unavailable


@dataclass(frozen=True, slots=True)
class Machine:
    """An architecture as seccomp calls it, and its numbers by name; a call that it lacks is absent."""

    architecture: int
    numbers: Mapping[str, int]


_X86_64 = Machine(
    0xC000003E,
    {
        "read": 0,
        "write": 1,
        "close": 3,
        "poll": 7,
        "mmap": 9,
        "mprotect": 10,
        "munmap": 11,
        "brk": 12,
        "rt_sigaction": 13,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "sched_yield": 24,
        "mremap": 25,
        "madvise": 28,
        "shmat": 30,
        "getpid": 39,
        "sendto": 44,
        "recvfrom": 45,
        "exit": 60,
        "sigaltstack": 131,
        "personality": 135,
        "gettid": 186,
        "futex": 202,
        "restart_syscall": 219,
        "clock_gettime": 228,
        "clock_nanosleep": 230,
        "exit_group": 231,
        "tgkill": 234,
        "ppoll": 271,
        "getrandom": 318,
        "pkey_mprotect": 329,
    },
)

_AARCH64 = Machine(
    0xC00000B7,
    {
        "close": 57,
        "read": 63,
        "write": 64,
        "ppoll": 73,
        "personality": 92,
        "exit": 93,
        "exit_group": 94,
        "futex": 98,
        "clock_gettime": 113,
        "clock_nanosleep": 115,
        "sched_yield": 124,
        "restart_syscall": 128,
        "tgkill": 131,
        "sigaltstack": 132,
        "rt_sigaction": 134,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "getpid": 172,
        "gettid": 178,
        "shmat": 196,
        "sendto": 206,
        "recvfrom": 207,
        "brk": 214,
        "munmap": 215,
        "mremap": 216,
        "mmap": 222,
        "mprotect": 226,
        "madvise": 233,
        "getrandom": 278,
        "pkey_mprotect": 288,
    },
)

MACHINES: Mapping[str, Machine] = {"x86_64": _X86_64, "aarch64": _AARCH64}


def this_machine() -> Machine:
    """The architecture this process runs on; raises `Unavailable` where there is no table for it."""
    name = os.uname().machine
    if name not in MACHINES or sys.maxsize < 2**32:
        raise Unavailable(f"there is no system call table for {name} with {sys.maxsize.bit_length() + 1}-bit programs")
    return MACHINES[name]
