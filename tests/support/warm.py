"""Processes of Python that have the program imported already, which takes longer than most of what it is told to do.

Each process that runs tests has one that imports the program and waits. What `command` gives is started as any other
command: a small process that has a new one forked there, with the folder, environment, arguments and streams that it
was given itself, hands signals on, and ends as that one does. Killing it kills the other.
"""

import array
import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from importlib import import_module
from pathlib import Path

_IMPORTED = ("rising_bsm.cli.app", "rising_bsm.analysis.simulator", "rising_bsm.web.app", "rising_bsm.web.serve")
_BEGIN = "import sys; from support.warm import serve; serve(sys.argv[1])"
_ASKING = Path(__file__).with_name("warm_asking.py")
_STREAMS = (0, 1, 2)


def command(code: str) -> list[str]:
    """What runs this code, as `python -c` does; arguments may follow."""
    return [sys.executable, "-E", "-s", "-S", str(_ASKING), _listening(), code]


@cache
def _listening() -> str:
    folder = tempfile.TemporaryDirectory()
    path = str(Path(folder.name) / "socket")
    tests = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", _BEGIN, path],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([tests, *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    atexit.register(folder.cleanup)
    atexit.register(process.communicate)  # it ends when nobody can ask it for anything any more
    assert process.stdout.read(1), "it never listened"
    return path


def serve(path: str) -> None:
    """Listens, and has everything forked that is asked for."""
    for name in _IMPORTED:
        import_module(name)
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.write(1, b".")
    while 0 not in (ready := select.select([0, listener], [], [])[0]):
        if ready:
            connection = listener.accept()[0]
            if os.fork() == 0:
                listener.close()
                _end(_forked(connection))
            connection.close()
    os._exit(0)


def _forked(connection: socket.socket) -> str:
    """The code, in another process; this one waits for its end and tells."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, ancillary, _, _ = connection.recvmsg(1 << 20, 64)
    asked, streams = json.loads(message), array.array("i", ancillary[0][2])
    pid = os.fork()
    if pid == 0:
        connection.close()
        return _become(streams, **asked)
    for stream in (*_STREAMS, *streams):
        os.close(stream)
    connection.sendall(b"%d " % pid)
    ended = os.pidfd_open(pid)
    if connection in select.select([ended, connection], [], [])[0]:
        os.kill(pid, signal.SIGKILL)
    connection.sendall(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _become(streams: "array.array[int]", code: str, arguments: list[str], cwd: str, env: dict[str, str]) -> str:
    for target, stream in zip(_STREAMS, streams, strict=True):
        os.dup2(stream, target)
        os.close(stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["-c", *arguments]
    return code


def _end(code: str) -> None:
    """Runs it and ends this process: at once where that was asked for, without taking apart what was imported."""
    try:
        exec(code, vars(sys.modules["__main__"]))
        status: object = 0
    except SystemExit as asked:
        status = asked.code or 0
    if not isinstance(status, int):
        sys.exit(str(status))
    threading._shutdown()  # type: ignore[attr-defined] # as every process does
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
