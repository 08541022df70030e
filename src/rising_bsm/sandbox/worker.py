"""A worker process: locked up first, then it runs one call at a time in instances that it keeps ready.

Started as `python -I -m rising_bsm.sandbox.worker SOCKET GUEST LAYERS [background]`, the numbers being inherited
descriptors. It has no credentials, no files and no network; whatever a plugin wants from the world goes back over the
socket.
"""

import gc
import os
import socket
import sys

from rising_bsm.sandbox.jail import Jail, Layer

MEMORY_BYTES = 64 * 1024**3
"""Bound on writable memory, touched or not: every instance counts with its 20 MiB snapshot though it copies 1.5."""


def main() -> None:
    """Enter the jail, map the guest, lock, serve until the socket closes."""
    channel, guest, layers = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    jail = Jail([Layer(name) for name in layers.split(",") if name], memory_bytes=MEMORY_BYTES)
    jail.enter()
    os.nice(15)  # the web process comes first when both want the processor
    from rising_bsm.sandbox.server import Server  # what is imported before `enter` would be copied by its fork

    server = Server(socket.socket(fileno=channel), guest)
    if sys.argv[4:] == ["background"]:
        os.nice(4)  # to 19, the last; starting is not what has to wait
    server.announce(jail.lock(server.descriptors))
    gc.freeze()  # what is here by now stays: no call need wait while the collector looks through it
    server.serve()


if __name__ == "__main__":
    main()
