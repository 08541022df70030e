"""Attacks beyond the general table: each is about one layer alone."""

import ctypes
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.jail_attacks import Attack

SPECIAL = [
    Attack("environment in Python", "result = os.environ['SECRET']"),
    Attack("environment as Python found it", "result = str(posix.environ[b'SECRET'])"),
    Attack(
        "environment that C added",
        "g = ctypes.CDLL(None).getenv; g.restype = ctypes.c_char_p; result = g(b'LATE')[0]",
        "call('setenv', b'LATE', b'x', 1)",
    ),
    Attack("write to an open file", "f.write('more'); f.flush()", "f = open(arg['file'], 'a')"),
    Attack("environment in C", "g = ctypes.CDLL(None).getenv; g.restype = ctypes.c_char_p; result = g(b'SECRET')[0]"),
    Attack("environment in the kernel", "result = open('/proc/self/environ').read().index('SECRET=')"),
    Attack("inherited file", "result = os.pread(arg['inherited'], 10, 0).decode()"),
    Attack("inherited listener", "result = os.fstat(arg['listener']).st_mode"),
    Attack("set-user-id program", "assert subprocess.check_output([arg['id'], '-u']) == b'0\\n'"),
    Attack("file of root alone", "result = open(arg['private']).read()", root=True),
    Attack("shared memory of another", "call('shmctl', arg['shared'], 2, ctypes.create_string_buffer(512))"),
    Attack("file above the root", "result = os.stat('/..' + arg['file']).st_size"),
    Attack("file of a former group", "open(arg['of_group']).close()", "os.setgroups([0])", root=True),
    Attack(
        "capabilities by a set-user-id program",
        "text = subprocess.check_output([arg['cat'], '/proc/self/status']).decode()\n"
        "assert int(text.partition('CapEff:')[2].split()[0], 16)",
        root=True,
    ),
    Attack("memory", "result = len(bytearray(256 << 20))"),
]


@contextmanager
def make_more(folder: Path) -> Iterator[dict[str, Any]]:
    """Files of their owner or group, set-user-id programs, shared memory, and descriptors that children inherit."""
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
        of_group = Path(open_, "of-group.txt")
        of_group.touch()
        of_group.chmod(0o640)
        programs = {name: shutil.copy(shutil.which(name) or name, open_) for name in ("id", "cat")}
        for program in programs.values():
            os.chmod(program, 0o4755)
        for descriptor in (file.fileno(), listener.fileno()):
            os.set_inheritable(descriptor, True)
        yield {
            "private": str(private),
            "of_group": str(of_group),
            "id": programs["id"],
            "cat": programs["cat"],
            "shared": shared,
            "inherited": file.fileno(),
            "listener": listener.fileno(),
        }
    libc.shmctl(shared, 0, None)
