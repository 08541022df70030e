"""What the attacks of `support.jail_attacks` are aimed at: files, listeners, a process of the same user."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from support.jail import make_victim


@contextmanager
def make_world(user: int | None) -> Iterator[dict[str, Any]]:
    """The arguments of the attacks, each of which `user` can reach as long as there is no jail."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "secret.txt").write_text("the secret in a file")
        victim = stack.enter_context(make_victim(user))
        listeners = {name: stack.enter_context(listener) for name, listener in _listeners(folder)}
        if user is not None:
            for path in [folder, *folder.iterdir()]:
                os.chown(path, user, user)
        yield {
            "folder": str(folder),
            "file": str(folder / "secret.txt"),
            "victim": victim.pid,
            "address": victim.address,
            "parent": os.getpid() if user is None else victim.pid,
            "path": str(folder / "socket"),
            "abstract": listeners["abstract"].getsockname()[1:].decode(),
            **{name: listeners[name].getsockname()[:2] for name in ("tcp", "tcp6", "udp")},
        }


def _listeners(folder: Path) -> Iterator[tuple[str, socket.socket]]:
    yield "tcp", socket.create_server(("127.0.0.1", 0), backlog=200)
    yield "tcp6", socket.create_server(("::1", 0), family=socket.AF_INET6, backlog=200)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    yield "udp", udp
    for name, address in (("path", str(folder / "socket")), ("abstract", f"\0rising-bsm-{folder.name}")):
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(address)
        unix.listen(200)
        yield name, unix
