"""The address that an instance listens at: free, ours, and kept for as long as it runs."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from rising_bsm.errors import Conflict, Error, InvalidInput


class AddressTaken(Conflict):
    """Something else listens at this address already."""

    code = "serve.address_taken"


class AddressUnusable(InvalidInput):
    """This machine, or this user of it, cannot listen at this address."""

    code = "serve.address_unusable"


@contextmanager
def claimed(host: str, port: int) -> Iterator[tuple[str, int]]:
    """The IP address of `host` and the port, any free one for 0; nobody else can take them until the end.

    Raises AddressTaken, AddressUnusable.
    """
    try:
        claim = _claim(host, port)
    except OSError as error:
        raise _refusal(error, f"{host}:{port}") from error
    with claim:
        address, port = claim.getsockname()[:2]
        yield address, port


def _claim(host: str, port: int) -> socket.socket:
    family, _, _, _, (address, *_) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # The server shares its port with whoever asks for that, so only a socket that does not can tell if it is free.
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        port = probe.getsockname()[1]
    claim = socket.socket(family)
    claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    claim.bind((address, port))
    return claim


def _refusal(error: OSError, place: str) -> Error:
    if error.errno == errno.EADDRINUSE:
        step = "End what listens there, or choose another port."
        return AddressTaken("Something listens at this address already.", place=place, next_step=step)
    step = "Choose an address of this machine, such as 127.0.0.1, and a port above 1023."
    return AddressUnusable(f"Nobody can listen at this address: {error.strerror}.", place=place, next_step=step)
