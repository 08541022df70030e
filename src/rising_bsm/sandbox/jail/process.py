"""What a process carries from its parent: environment, open descriptors, limits. Linux only."""

import ctypes
import fcntl
import os
import resource
import stat
import sys
import threading
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

from rising_bsm.sandbox.jail.layers import JailError
from rising_bsm.sandbox.jail.libc import call

_CLOSE_RANGE = 436  # the same number on every architecture
_LAST_DESCRIPTOR = 2**31 - 1
_STACK_BYTES = 64 << 20


def clear_environment() -> str:
    """Forget the environment: Python's copy, the C library's, and the block that the kernel filled at the start."""
    count = len(os.environ)
    os.environ.clear()
    call("clearenv")
    after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(after_name[47]), int(after_name[48])  # env_start, env_end: proc(5) fields 50 and 51
    ctypes.memset(start, 0, end - start)
    return f"{count} wiped" if count else "was empty"


def close_all_but(keep: Collection[int]) -> None:
    """Close every descriptor but `keep`, the standard streams included; prints then go nowhere."""
    sys.stdin = sys.stdout = sys.stderr = None
    edges = [-1, *sorted(keep), _LAST_DESCRIPTOR + 1]
    try:
        for before, after in pairwise(edges):
            if after - before > 1:
                call("syscall", _CLOSE_RANGE, before + 1, after - 1, 0)
    except OSError:  # older than Linux 5.9
        _close_one_by_one(keep)


def _close_one_by_one(keep: Collection[int]) -> None:
    for descriptor in open_descriptors() - set(keep):
        os.close(descriptor)


def open_descriptors() -> frozenset[int]:
    """The descriptors that are open now: what a library opened for itself is what it adds to them."""
    return frozenset(number for number in map(int, os.listdir("/proc/self/fd")) if _is_open(number))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:  # that of the listing itself is closed by now
        return False
    return True


def require_harmless(descriptor: int) -> None:
    """Raise `JailError` for one that reaches further than itself: a folder opens files, a file for writing changes it.

    A file in memory that is sealed against writing is harmless however it was opened.
    """
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError as error:
        raise _harmful(descriptor, "not open") from error
    writable = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    if stat.S_ISDIR(mode):
        raise _harmful(descriptor, "a folder")
    if stat.S_ISREG(mode) and writable and not _sealed(descriptor):
        raise _harmful(descriptor, "a file open for writing")


def _sealed(descriptor: int) -> bool:
    try:
        return bool(fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE)
    except OSError:  # only files in memory have seals
        return False


def _harmful(descriptor: int, what: str) -> JailError:
    return JailError(
        f"Descriptor {descriptor} cannot be kept in the jail: it is {what}.",
        code="sandbox.jail_descriptor",
        place=f"descriptor {descriptor}",
        next_step="Keep sockets, and files that are open for reading only.",
    )


def set_limits(descriptors: int, memory_bytes: int | None) -> str:
    """Limit what the process may use, for good: no files, no processes, `descriptors` open at most.

    `memory_bytes` bounds writable private memory (RLIMIT_DATA), whether it was touched or not; memory that is only
    reserved, as the engine reserves 4 GiB around each linear memory, does not count. No limit is ever raised.
    """
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_STACK: _STACK_BYTES,
        resource.RLIMIT_NOFILE: descriptors,
    }
    if memory_bytes is not None:
        wanted[resource.RLIMIT_DATA] = memory_bytes
    for limit, value in wanted.items():
        now = resource.getrlimit(limit)[0]
        lowest = value if now == resource.RLIM_INFINITY else min(value, now)
        resource.setrlimit(limit, (lowest, lowest))
    memory = "memory not limited" if memory_bytes is None else f"{memory_bytes >> 20} MiB of memory"
    return f"no files, no processes, {descriptors} descriptors, {memory}"


def require_one_thread() -> None:
    """Raise `JailError` when there are other threads, native ones included: most layers hold only the one that asks."""
    try:
        count = len(os.listdir("/proc/self/task"))
    except OSError:
        count = threading.active_count()
    if count > 1:
        raise JailError(
            f"A process with {count} threads cannot be jailed: the others would stay outside.",
            code="sandbox.jail_threads",
            next_step="Lock the jail before the first thread starts.",
        )
