"""Connections to addresses that were checked, whatever the name has become since."""

from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

from rising_bsm.bundle.addresses import Address


class Pinned(httpcore.AsyncNetworkBackend):
    """Connects to these addresses, the first that answers, and to no other; certificates are checked for the name."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's name
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection; `host` is only the name of what is connected to. Raises httpcore.ConnectError."""
        failure: Exception = httpcore.ConnectError(f"no address for {host}")
        for address in self._addresses:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure
