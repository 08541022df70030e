"""Asking a marketplace: what there is, what it is signed with, and what this instance is entitled to."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from rising_bsm.db import now
from rising_bsm.errors import Error
from rising_bsm.licensing import make_request
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.market.transport import Transport, path_of

_ATTEMPTS = 3


class MarketClient:
    """A marketplace, asked by way of `transport` in the name of `identity`.

    Every method raises MarketRefused and MarketUnreachable.
    """

    def __init__(self, transport: Transport, identity: Identity) -> None:
        self._transport = transport
        self._identity = identity
        self._turn = asyncio.Lock()

    async def search(self, query: Mapping[str, Any]) -> Any:
        """A page of its catalogue."""
        return await self._transport.ask("GET", "/plugins", query=query)

    async def get(self, plugin_id: str) -> Any:
        """One plugin of its catalogue, with its versions."""
        return await self._transport.ask("GET", path_of("plugins", plugin_id))

    async def version(self, plugin_id: str, version: str) -> Any:
        """One version of it, with what it asks for and adds."""
        return await self._transport.ask("GET", path_of("plugins", plugin_id, "versions", version))

    async def publisher(self, name: str) -> Any:
        """A publisher."""
        return await self._transport.ask("GET", path_of("publishers", name))

    async def reviews(self, plugin_id: str, query: Mapping[str, Any]) -> Any:
        """A page of the reviews of a plugin."""
        return await self._transport.ask("GET", path_of("plugins", plugin_id, "reviews"), query=query)

    async def send(self, action: str, fields: Mapping[str, Any]) -> Any:
        """What it answers to a signed request of this instance."""
        for attempt in range(_ATTEMPTS):
            try:
                return await self._send(action, fields)
            except Error as error:
                # Another process of this deployment has signed a later request, and that came first.
                if error.code != "instance.replayed" or attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def index_file(self, name: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a file of its signed index."""
        return self._transport.stream(path_of("index", name))

    def blob(self, sha256: str, *, start: int = 0) -> AsyncGenerator[bytes, None]:
        """The bytes of something that it hands out, from `start` on."""
        return self._transport.stream(path_of("blobs", sha256), start=start)

    async def _send(self, action: str, fields: Mapping[str, Any]) -> Any:
        keys = await self._identity.get()
        # One at a time: a number that arrives after a higher one is refused.
        async with self._turn:
            seq = await self._identity.next_seq()
            request = make_request(action, fields, signing=keys.signing, wrap_key=keys.wrap_public, seq=seq, time=now())
            return await self._transport.ask("POST", f"/instance/{action}", json=request)
