"""Asking a marketplace about licences, and believing only what it has signed just now, for this instance."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from rising_bsm.bundle import PublicKey
from rising_bsm.licensing import LICENCE, open_licence, open_sealed
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.errors import Replayed, StrangeAnswer
from rising_bsm.plugins.licences.shelf import Received

LicenceKeys = Callable[[], Awaitable[Collection[PublicKey]]]


class Market(Protocol):
    """A marketplace, asked in the name of this instance: over HTTP, or the one in this process."""

    async def send(self, action: str, fields: Mapping[str, Any]) -> Any:
        """The JSON that it answers to a signed request."""


def new_nonce() -> str:
    """What an answer must bring back, so that it cannot be older than the question: 128 random bits."""
    return secrets.token_urlsafe(16)


class Asking:
    """Asks `market`; `licence_keys` gives the keys that sign its licences, `clock` the time."""

    def __init__(
        self, identity: Identity, market: Market, licence_keys: LicenceKeys, clock: Callable[[], datetime]
    ) -> None:
        self._identity = identity
        self._market = market
        self._licence_keys = licence_keys
        self._clock = clock

    async def send(self, action: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The object that the marketplace answers; raises StrangeAnswer for anything else, and what `send` raises."""
        answer = await self._market.send(action, fields)
        if not isinstance(answer, Mapping):
            raise StrangeAnswer(action)
        return answer

    async def licence(self, action: str, plugin_id: str, fields: Mapping[str, Any]) -> Received:
        """The licence for the plugin that the marketplace answers with. Raises also BadDocument and Replayed."""
        nonce = new_nonce()
        answer = await self.send(action, {"plugin": plugin_id, "nonce": nonce, **fields})
        return await self.received(answer.get("license"), plugin_id, nonce)

    async def received(self, envelope: Any, plugin_id: str, nonce: str) -> Received:
        """The licence in an answer to the question with this nonce. Raises BadDocument and Replayed."""
        keys, instance = await self._licence_keys(), (await self._identity.get()).public
        licence = open_licence(envelope, keys, instance=instance, plugin=plugin_id)
        if not secrets.compare_digest(licence.nonce, nonce):
            raise Replayed(plugin_id)
        return Received(licence, dict(envelope), open_sealed(envelope, keys, LICENCE)[1], self._clock())
