"""A plugin's storage in memory, with the verbs, limits and refusals of the real one."""

import json
from collections.abc import Sequence
from typing import Any

from rising_bsm.errors import InvalidInput, TooLarge
from rising_bsm.runtime.host_arguments import GREATEST
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits


class SimulatedStorage:
    """The entries of one plugin; a `runtime.services.StorageService`."""

    def __init__(self, limits: RuntimeLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._entries: dict[bytes, str] = {}

    async def get(self, key: str) -> dict[str, Any]:
        """`{"found": bool, "value": JSON}`."""
        value = self._entries.get(key.encode())
        return {"found": value is not None, "value": None if value is None else json.loads(value)}

    async def set(self, key: str, value: Any) -> None:
        """Stores a JSON value; raises InvalidInput, TooLarge."""
        self._put(key, value)

    async def delete(self, key: str) -> bool:
        """Removes an entry; whether there was one."""
        return self._entries.pop(key.encode(), None) is not None

    async def list(self, prefix: str, limit: int) -> dict[str, Any]:
        """The first entries whose keys start so; raises TooLarge."""
        keys = self._below(prefix)[:limit]
        size = sum(self._size(key, self._entries[key]) for key in keys)
        if size > self._limits.list_bytes:
            raise TooLarge(
                f"These entries have {size:,} bytes; at most {self._limits.list_bytes:,} can be read at once.",
                code="storage.too_much",
                place="limit",
                next_step="Ask for fewer, or for a longer prefix.",
            )
        return {key.decode(): json.loads(self._entries[key]) for key in keys}

    async def count(self, prefix: str) -> int:
        """How many keys start so."""
        return len(self._below(prefix))

    async def increment(self, key: str, by: int) -> int:
        """Adds to a whole number; raises InvalidInput when it is none, TooLarge."""
        found = await self.get(key)
        total = _whole(found["value"] if found["found"] else 0) + by
        self._put(key, _whole(total))
        return total

    def _put(self, key: str, value: Any) -> None:
        encoded, name = self._encoded(value), key.encode()
        others = sum(self._size(other, text) for other, text in self._entries.items() if other != name)
        if others + self._size(name, encoded) > self._limits.storage_bytes:
            raise TooLarge(
                f"The plugin's storage is full: it holds {self._limits.storage_bytes:,} bytes.",
                code="storage.full",
                place="key",
                next_step="Delete entries that are no longer needed.",
            )
        self._entries[name] = encoded

    def _size(self, key: bytes, encoded: str) -> int:
        return len(key) + len(encoded.encode()) + self._limits.entry_bytes

    def _encoded(self, value: Any) -> str:
        try:
            encoded = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            size = len(encoded.encode())
        except ValueError:
            raise _invalid("This must be JSON, with valid Unicode and finite numbers.", "value") from None
        if size > self._limits.value_bytes:
            raise TooLarge(
                f"A stored value may have {self._limits.value_bytes:,} bytes as JSON, not {size:,}.",
                code="storage.value_too_large",
                place="value",
                next_step="Store its parts under keys of their own.",
            )
        return encoded

    def _below(self, prefix: str) -> Sequence[bytes]:
        return sorted(key for key in self._entries if key.startswith(prefix.encode()))


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= GREATEST:
        return value
    raise _invalid(f"Only whole numbers within ±{GREATEST} can be counted up.", "key")


def _invalid(message: str, place: str) -> InvalidInput:
    return InvalidInput(message, code="storage.invalid", place=place, fields={place: message})
