"""What plugins have stored, for those who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.db import Database
from rising_bsm.errors import InvalidInput, NotFound
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime.storage import Storage

KEY_BYTES = 512
PAGE = 50


@dataclass(frozen=True)
class StoredPage:
    """Some entries by key, each with its size in bytes; `next` is the `after` of the page behind, None on the last.

    `used` of `quota` bytes are in use, by all entries of the plugin.
    """

    entries: Sequence[tuple[str, int]]
    next: str | None
    used: int
    quota: int


class StoredData:
    """The storages of plugins. Every method raises PermissionDenied unless the actor has `plugins.manage`, and NotFound
    (`plugins.not_found`)."""

    def __init__(self, database: Database, plugins: Plugins) -> None:
        self._database = database
        self._plugins = plugins

    async def page(self, actor: Actor, plugin_id: str, prefix: str = "", after: str = "") -> StoredPage:
        """The first entries behind `after` whose keys start with `prefix`. Raises InvalidInput for what is no key."""
        storage = await self._storage(actor, plugin_id, prefix, after)
        found = await storage.keys(prefix, after, PAGE + 1)
        shown = found[:PAGE]
        return StoredPage(shown, shown[-1][0] if len(found) > PAGE else None, *await storage.used())

    async def value(self, actor: Actor, plugin_id: str, key: str) -> Any:
        """The JSON value of an entry. Raises NotFound (`storage.not_found`)."""
        entry = await (await self._storage(actor, plugin_id, key)).get(key)
        if not entry["found"]:
            raise _nothing(key)
        return entry["value"]

    async def delete(self, actor: Actor, plugin_id: str, key: str) -> None:
        """Removes an entry; the plugin is not told. Raises NotFound (`storage.not_found`)."""
        if not await (await self._storage(actor, plugin_id, key)).delete(key):
            raise _nothing(key)
        async with self._database.transaction() as session:
            record(session, actor, "plugins.delete_entry", "plugin", plugin_id, {"key": key[:200]})

    async def _storage(self, actor: Actor, plugin_id: str, *keys: str) -> Storage:
        await self._plugins.get(actor, plugin_id)
        for key in keys:
            _check(key)
        return Storage(self._database, plugin_id)


def _check(key: str) -> None:
    try:
        fits = len(key.encode()) <= KEY_BYTES and "\0" not in key
    except UnicodeEncodeError:
        fits = False
    if not fits:
        raise InvalidInput(
            f"A key is text of at most {KEY_BYTES} bytes.",
            code="storage.invalid",
            place="key",
            next_step="Ask for less.",
        )


def _nothing(key: str) -> NotFound:
    return NotFound(
        "Nothing is stored under this key, or not any more.",
        code="storage.not_found",
        place=key[:200],
        next_step="Look at the list again: the plugin may have removed it.",
    )
