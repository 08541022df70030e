"""Key-value storage: what a plugin keeps from call to call, apart from every other plugin's."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.business.notifications import forget_plugin
from rising_bsm.db import Database
from rising_bsm.errors import InvalidInput, TooLarge
from rising_bsm.runtime.accounting.tables import PluginExecution, plugin_breakers, plugin_uses
from rising_bsm.runtime.events.tables import Delivery, plugin_schedules
from rising_bsm.runtime.functions.arguments import GREATEST
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits
from rising_bsm.runtime.tables import PluginLine, plugin_problems, plugin_settings, plugin_storage, plugin_usage

_ENTRY = plugin_storage.c

# Both databases know this form. It finds or makes the plugin's row, and holds it until the transaction ends.
_HOLD = text(
    "INSERT INTO plugin_usage (plugin_id, storage_bytes) VALUES (:plugin_id, 0) "
    "ON CONFLICT (plugin_id) DO UPDATE SET storage_bytes = plugin_usage.storage_bytes RETURNING storage_bytes"
)
_PUT = text(
    "INSERT INTO plugin_storage (plugin_id, key, value, size) VALUES (:plugin_id, :key, :value, :size) "
    "ON CONFLICT (plugin_id, key) DO UPDATE SET value = excluded.value, size = excluded.size"
)


class Storage:
    """The entries of one plugin: texts of 1 to 512 bytes and their JSON values, in the order of their UTF-8 bytes."""

    def __init__(self, database: Database, plugin_id: str, limits: RuntimeLimits = DEFAULT_LIMITS) -> None:
        self._database = database
        self._plugin_id = plugin_id
        self._limits = limits

    async def get(self, key: str) -> dict[str, Any]:
        """`{"found": bool, "value": JSON}`."""
        async with self._database.reading() as session:
            value = await session.scalar(select(_ENTRY.value).where(*self._at(key)))
        return {"found": value is not None, "value": None if value is None else json.loads(value)}

    async def set(self, key: str, value: Any) -> None:
        """Stores a JSON value. Raises InvalidInput (`storage.invalid`), TooLarge."""
        encoded = self._encoded(value)
        async with self._database.transaction() as session:
            await self._put(session, key, encoded, await self._hold(session))

    async def compare_and_set(self, key: str, expected: Any, value: Any, *, absent: bool = False) -> bool:
        """Stores the value if the entry's is `expected`, or if there is none and `absent`; whether it did.

        Values are equal as JSON: 1 is 1.0, and true is neither. Raises what `set` raises.
        """
        encoded, wanted = self._encoded(value), None if absent else _comparable(expected)
        async with self._database.transaction() as session:
            used = await self._hold(session)
            stored = await session.scalar(select(_ENTRY.value).where(*self._at(key)))
            if (None if stored is None else _comparable(json.loads(stored))) != wanted:
                return False
            await self._put(session, key, encoded, used)
        return True

    async def delete(self, key: str) -> bool:
        """Removes an entry; whether there was one."""
        async with self._database.transaction() as session:
            used = await self._hold(session)
            size = await session.scalar(delete(plugin_storage).where(*self._at(key)).returning(_ENTRY.size))
            await self._use(session, used - (size or 0))
        return size is not None

    async def list(self, prefix: str, limit: int) -> dict[str, Any]:
        """The first entries whose keys start so. Raises TooLarge (`storage.too_much`) for more than can be sent."""
        first = select(_ENTRY.key, _ENTRY.value, _ENTRY.size).where(*self._below(prefix)).order_by(_ENTRY.key)
        async with self._database.reading() as session:
            rows = (await session.execute(first.limit(limit))).all()
        size = sum(row.size for row in rows)
        if size > self._limits.list_bytes:
            raise self._too_much(size)
        return {row.key.decode(): json.loads(row.value) for row in rows}

    async def keys(self, prefix: str, after: str, limit: int) -> Sequence[tuple[str, int]]:
        """The first entries after this key whose keys start so, each with the bytes it counts towards the quota."""
        behind = (*self._below(prefix), _ENTRY.key > after.encode())
        first = select(_ENTRY.key, _ENTRY.size).where(*behind).order_by(_ENTRY.key).limit(limit)
        async with self._database.reading() as session:
            return [(row.key.decode(), row.size) for row in await session.execute(first)]

    async def used(self) -> tuple[int, int]:
        """How many bytes the entries count, and how many they may."""
        mine = select(plugin_usage.c.storage_bytes).where(plugin_usage.c.plugin_id == self._plugin_id)
        async with self._database.reading() as session:
            return await session.scalar(mine) or 0, self._limits.storage_bytes

    async def count(self, prefix: str) -> int:
        """How many keys start so."""
        async with self._database.reading() as session:
            return await session.scalar(select(func.count()).where(*self._below(prefix))) or 0

    async def increment(self, key: str, by: int) -> int:
        """Adds to a whole number in one step. Raises InvalidInput (`storage.invalid`) when it is none, TooLarge."""
        async with self._database.transaction() as session:
            used = await self._hold(session)
            stored = await session.scalar(select(_ENTRY.value).where(*self._at(key)))
            total = _whole(0 if stored is None else json.loads(stored)) + by
            await self._put(session, key, self._encoded(_whole(total)), used)
        return total

    async def _hold(self, session: AsyncSession) -> int:
        return await hold_storage(session, self._plugin_id)

    async def _put(self, session: AsyncSession, key: str, value: str, used: int) -> None:
        old = await session.scalar(select(_ENTRY.size).where(*self._at(key))) or 0
        size = len(key.encode()) + len(value.encode()) + self._limits.entry_bytes
        if used - old + size > self._limits.storage_bytes:
            raise self._full()
        entry = {"plugin_id": self._plugin_id, "key": key.encode(), "value": value, "size": size}
        await session.execute(_PUT, entry)
        await self._use(session, used - old + size)

    async def _use(self, session: AsyncSession, size: int) -> None:
        mine = plugin_usage.c.plugin_id == self._plugin_id
        await session.execute(update(plugin_usage).where(mine).values(storage_bytes=size))

    def _at(self, key: str) -> tuple[ColumnElement[bool], ...]:
        return _ENTRY.plugin_id == self._plugin_id, _ENTRY.key == key.encode()

    def _below(self, prefix: str) -> tuple[ColumnElement[bool], ...]:
        mine, start = _ENTRY.plugin_id == self._plugin_id, prefix.encode()
        if not start:
            return (mine,)
        # No byte of UTF-8 is 0xFF, so the next prefix of this length is the one with its last byte counted up.
        return mine, _ENTRY.key >= start, _ENTRY.key < start[:-1] + bytes([start[-1] + 1])

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

    def _full(self) -> TooLarge:
        return TooLarge(
            f"The plugin's storage is full: it holds {self._limits.storage_bytes:,} bytes.",
            code="storage.full",
            place="key",
            next_step="Delete entries that are no longer needed.",
        )

    def _too_much(self, size: int) -> TooLarge:
        return TooLarge(
            f"These entries have {size:,} bytes; at most {self._limits.list_bytes:,} can be read at once.",
            code="storage.too_much",
            place="limit",
            next_step="Ask for fewer, or for a longer prefix.",
        )


_TABLES = (
    plugin_storage,
    plugin_usage,
    plugin_schedules,
    plugin_settings,
    plugin_problems,
    plugin_breakers,
    plugin_uses,
)


async def hold_storage(session: AsyncSession, plugin_id: str) -> int:
    """The bytes in use; nobody else writes into this plugin's storage before the transaction ends."""
    used: int = (await session.execute(_HOLD, {"plugin_id": plugin_id})).scalar_one()
    return used


async def erase(session: AsyncSession, plugin_id: str) -> None:
    """Removes, in the transaction of `session`, all there is of the plugin: storage, settings, problems, log, records
    of its calls, what is on its way to it, when it was to run, and what it told people."""
    await forget_plugin(session, plugin_id)
    for table in _TABLES:
        await session.execute(delete(table).where(table.c.plugin_id == plugin_id))
    for model in (PluginLine, PluginExecution, Delivery):
        await session.execute(delete(model).where(model.plugin_id == plugin_id))


def _comparable(value: Any) -> str:
    """The same text for equal JSON, in whatever order its keys are."""
    try:
        return json.dumps(_plain(value), sort_keys=True)
    except ValueError:
        raise _invalid("This must be JSON, with finite numbers.", "expected") from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= GREATEST:
        return value
    raise _invalid(f"Only whole numbers within ±{GREATEST} can be counted up.", "key")


def _invalid(message: str, place: str) -> InvalidInput:
    return InvalidInput(message, code="storage.invalid", place=place, fields={place: message})
