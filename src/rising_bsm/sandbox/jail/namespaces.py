"""An own world for the worker: no network, no other process, no shared memory, an empty file system. Linux only.

Sources: namespaces(7), user_namespaces(7), pid_namespaces(7), pivot_root(2).
"""

import os
import resource
import select
import signal
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from rising_bsm.sandbox.jail.layers import Unavailable
from rising_bsm.sandbox.jail.libc import call, prctl
from rising_bsm.sandbox.jail.privileges import NOBODY
from rising_bsm.sandbox.jail.process import close_all_but

_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_ALL = _NEWNS | _NEWCGROUP | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_MNT_DETACH = 2
_PR_SET_PDEATHSIG = 1
# Any folder will do to hang the empty root on, and this one was there a moment ago.
_HANGER = b"/proc"


def enter() -> int:
    """Move into namespaces of its own and go on in a child process; raises `OSError` or `Unavailable`.

    The process that called stays behind with nothing open, ends as the child ends, and takes the child with it when
    it is killed or when its own parent ends. Answers, in the child, the descriptor to give to `tie`.
    """
    _unshare()
    alive, held_by_parent = os.pipe()
    child = os.fork()
    if child:
        _stand_by(child, held_by_parent)
    os.close(held_by_parent)
    tie(alive)
    return alive


def tie(alive: int) -> None:
    """Die with the process that stands by. A change of identity undoes this: call it again after one."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    watch = select.poll()
    watch.register(alive, 0)
    if watch.poll(0):  # it was gone before the kernel was told
        os._exit(1)


def empty_root() -> str:
    """Swap the file system for an empty folder that cannot be written; raises `OSError`."""
    call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    options = _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    call("mount", b"tmpfs", _HANGER, b"tmpfs", options, b"size=4k,nr_inodes=1,mode=555")
    os.chdir(_HANGER)
    call("pivot_root", b".", b".")  # stacks the old root onto the new one, whence it is taken away
    call("umount2", b".", _MNT_DETACH)
    os.chdir("/")
    return "no network, no other process, empty file system"


def _unshare() -> None:
    """As root directly; anybody else by way of a user namespace, in which they are `NOBODY`."""
    user, group = os.geteuid(), os.getegid()
    try:
        call("unshare", _ALL if user == 0 else _ALL | _NEWUSER)
    except OSError as error:
        raise Unavailable(f"this machine does not allow namespaces to user {user} ({error.strerror})") from error
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def _stand_by(child: int, held: int) -> NoReturn:
    """Wait for the child, or for the parent to go, and end as the child did."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    close_all_but({held})
    _wait_for_either(child)
    finished, status = os.waitpid(child, os.WNOHANG)
    if not finished:  # the parent is gone, and the child follows this process
        os._exit(1)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        _die_of(-code)
    os._exit(code)


def _wait_for_either(child: int) -> None:
    """Return when the child has ended or the parent has; the child alone on kernels that cannot watch a parent."""
    try:
        ends = [os.pidfd_open(child), os.pidfd_open(os.getppid())]
    except OSError:
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        return
    watch = select.poll()
    for end in ends:
        watch.register(end, select.POLLIN)
    watch.poll()


def _die_of(number: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # SIGKILL has no other action
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
