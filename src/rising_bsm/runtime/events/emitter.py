"""What plugins tell each other."""

import json
from typing import Any
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import InvalidInput, TooLarge
from rising_bsm.runtime.events.outbox import Outbox
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits


class Emitter:
    """The events of one plugin, all of them under its own name."""

    def __init__(
        self, database: Database, outbox: Outbox, plugin_id: str, limits: RuntimeLimits = DEFAULT_LIMITS
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._plugin_id = plugin_id
        self._limits = limits

    async def emit(self, actor: Actor, topic: str, payload: Any) -> UUID:
        """Tells those who listen to `publisher.name:topic`; the event's id.

        Raises InvalidInput (`events.invalid`), TooLarge (`events.too_large`), EventsTooDeep.
        """
        self._check(payload)
        name = f"{self._plugin_id}:{topic}"
        if not self._outbox.has_listeners(name):
            return uuid7()
        async with self._database.transaction() as session:
            return await self._outbox.write(session, name, actor, {"payload": payload})

    def _check(self, payload: Any) -> None:
        try:
            size = len(json.dumps(payload, ensure_ascii=False, allow_nan=False).encode())
        except ValueError:
            sentence = "This must be JSON, with valid Unicode and finite numbers."
            raise InvalidInput(sentence, code="events.invalid", place="payload", fields={"payload": sentence}) from None
        if size > self._limits.event_bytes:
            raise TooLarge(
                f"An event may say {self._limits.event_bytes:,} bytes as JSON, not {size:,}.",
                code="events.too_large",
                place="payload",
                next_step="Store the data, and say where it is.",
            )
