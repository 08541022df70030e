"""Asks for a process at `path` that runs `code`, and ends as it ends. See `warm`, which starts this for each."""

import array
import json
import os
import signal
import socket
import sys

_HANDED_ON = (signal.SIGTERM, signal.SIGINT)


def ask(path: str, code: str, *arguments: str) -> None:
    """Hands it the streams, folder and environment of this process, and signals that come."""
    asked = {"code": code, "arguments": arguments, "cwd": os.getcwd(), "env": dict(os.environ)}
    streams = array.array("i", (0, 1, 2))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDED_ON)
        connection.sendmsg([json.dumps(asked).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
        pid = int(connection.recv(20))
        for number in _HANDED_ON:
            signal.signal(number, lambda received, _frame: os.kill(pid, received))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDED_ON)
        status = int(connection.recv(20))
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    ask(*sys.argv[1:])
