"""The two system call filters. Either ends the process (SIGSYS) when it makes a call that is not allowed.

They are separate programs, and the kernel runs both: one says what may be called at all, the other only that no new
native code appears. Linux 4.14 and newer.
"""

import ctypes
import os

from rising_bsm.sandbox.jail import bpf
from rising_bsm.sandbox.jail.code_memory import keep_callbacks, seal_writable_code
from rising_bsm.sandbox.jail.libc import call, prctl
from rising_bsm.sandbox.jail.machines import Machine, this_machine

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_PROT_EXEC = 4
_SHM_EXEC = 0x8000
_ASK, _READ_IMPLIES_EXEC = 0xFFFFFFFF, 0x0400000
# Shared memory and memory that grows like a stack are not counted by RLIMIT_DATA; MAP_SHARED_VALIDATE has the same bit.
_MAP_SHARED, _MAP_GROWSDOWN = 0x01, 0x0100

# Wait, wake, requeue, and the first two with a set of bits: what locks are made of. The commands with inheritance of
# priorities have had most of the holes, and nothing here needs them.
_FUTEX_COMMANDS, _FUTEX_FLAGS = (0, 1, 3, 9, 10), 0x180

# What an engine needs to instantiate, run and drop guests, and a Python process to use its one socket.
_FREE = (
    *("read", "write", "recvfrom", "sendto", "close", "poll", "ppoll"),
    *("munmap", "mremap", "madvise", "brk", "sched_yield"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"),
    *("clock_gettime", "clock_nanosleep", "getrandom"),
    *("getpid", "gettid", "exit", "exit_group", "restart_syscall"),
)


def allow_list(machine: Machine, pid: int) -> bpf.Program:
    """The calls a locked worker with process id `pid` may make; any other kills it."""
    limited = {
        "mmap": [bpf.argument_lacks(2, _PROT_EXEC), bpf.argument_lacks(3, _MAP_SHARED | _MAP_GROWSDOWN)],
        "mprotect": [bpf.argument_lacks(2, _PROT_EXEC)],
        "tgkill": [bpf.argument_is(0, pid)],
        "futex": [bpf.argument_is(1, *_FUTEX_COMMANDS, ignoring=_FUTEX_FLAGS)],
    }
    rules = {name: limited.get(name, []) for name in [*_FREE, *limited] if name in machine.numbers}
    body = [step for name, checks in rules.items() for step in bpf.on_call(machine.numbers[name], checks)]
    return bpf.for_architecture(machine.architecture, body + bpf.give(bpf.KILL_PROCESS))


def no_new_code(machine: Machine) -> bpf.Program:
    """Every call but those that make memory executable."""
    limited = {
        "mmap": [bpf.argument_lacks(2, _PROT_EXEC)],
        "mprotect": [bpf.argument_lacks(2, _PROT_EXEC)],
        "pkey_mprotect": [bpf.argument_lacks(2, _PROT_EXEC)],
        "shmat": [bpf.argument_lacks(2, _SHM_EXEC)],
        "personality": [bpf.give(bpf.KILL_PROCESS)],
    }
    body = [step for name, checks in limited.items() for step in bpf.on_call(machine.numbers[name], checks)]
    return bpf.for_architecture(machine.architecture, body + bpf.give(bpf.ALLOW))


def allow_calls() -> str:
    """Install the allow-list; raises `OSError`, or `Unavailable` on an architecture without a table."""
    program = allow_list(this_machine(), os.getpid())
    install(program)
    return f"allow-list of {len(program)} instructions, any other call kills"


def freeze_code() -> str:
    """Make executable memory read-only and let none appear; raises `OSError` or `Unavailable`."""
    machine = this_machine()
    _readable_is_not_executable()
    keep_callbacks()
    sealed = seal_writable_code()
    install(no_new_code(machine))
    return f"no new code, {sealed} writable code mappings sealed"


def _readable_is_not_executable() -> None:
    flags = call("personality", _ASK)
    if flags & _READ_IMPLIES_EXEC:
        call("personality", flags & ~_READ_IMPLIES_EXEC)


def install(program: bpf.Program) -> None:
    """Let the kernel run `program` on every call of this process from now on; raises `OSError`."""
    code = ctypes.create_string_buffer(bpf.assemble(program))
    header = _FilterProgram(len(program), ctypes.cast(code, ctypes.c_void_p))
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(header))


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))
