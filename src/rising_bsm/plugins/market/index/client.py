"""The index of a marketplace, as an instance reads it."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from tuf.api.metadata import TargetFile  # type: ignore[attr-defined] # public, but not marked so

from rising_bsm.bundle import PublicKey
from rising_bsm.db import now as this_moment
from rising_bsm.errors import InvalidInput
from rising_bsm.plugins.market.index.errors import IndexUnreachable, Unreadable
from rising_bsm.plugins.market.index.fetching import Fetch
from rising_bsm.plugins.market.index.floors import Floors
from rising_bsm.plugins.market.index.layout import LICENCE_KEYS, bin_of, bundle_path, plugin_path
from rising_bsm.plugins.market.index.limits import IndexLimits
from rising_bsm.plugins.market.index.listing import Listed, PluginVersions, VersionStanding
from rising_bsm.plugins.market.index.reading import IndexReader
from rising_bsm.plugins.market.index.state import Changed, State
from rising_bsm.plugins.market.index.trust import Trust
from rising_bsm.plugins.market.index.watch import Watch

_ATTEMPTS = 5
Part = TypeVar("Part", bound=BaseModel)


class IndexClient:
    """What one marketplace signs, checked against what was seen of it before, which is kept in `folder`.

    `fetch` gives the files of the index. `pinned_root` is the SHA-256 of its first root in hex; without, the one that
    is met at first is believed from then on. Every method may raise IndexRefused (nothing of that marketplace is to be
    believed now), IndexUnreachable and StateUnusable. With `even_stale`, what was known last is told when the
    marketplace cannot be reached, for seven days after it expired; nothing is ever installed on that ground.
    """

    def __init__(
        self,
        folder: Path,
        fetch: Fetch,
        pinned_root: str | None = None,
        *,
        limits: IndexLimits | None = None,
        now: Callable[[], datetime] = this_moment,
    ) -> None:
        self._state = State(folder)
        self._floors = Floors(self._state)
        self._limits = limits or IndexLimits()
        self._watch = Watch(self._state, now)
        self._reader = IndexReader(self._state, fetch, self._limits, pinned_root, self._watch)
        self._now = now
        self._turn = asyncio.Lock()
        self._trust: Trust | None = None
        self._asked_at = 0.0

    async def refresh(self) -> None:
        """Asks the marketplace for its newest index."""
        async with self._turn:
            await self._refresh()

    async def saw(self, moment: datetime) -> None:
        """It was that time already when the marketplace has signed something; an index that was over then is over."""
        await asyncio.to_thread(self._watch.saw, moment)

    async def find(self, plugin_id: str, version: str, *, even_stale: bool = False) -> Listed | None:
        """What the index says of this version, None if it does not list it; raises BadIndexName.

        Asks the marketplace anew unless that was done within the last minute.
        """
        path = bundle_path(plugin_id, version)
        target, stale = await self._target(path, even_stale)
        if target is None:
            await asyncio.to_thread(self._floors.missing, plugin_id, version)
            return None
        blob = {"blob_sha256": target.hashes.get("sha256"), "blob_size": target.length, "stale": stale}
        listed = _read(Listed, path, _custom(target) | blob)
        if (listed.plugin, listed.version) != (plugin_id, version):
            raise _unreadable(f"The index lists another version as {path}.", path)
        await asyncio.to_thread(self._floors.seen, plugin_id, {version: listed.blob_sha256})
        return listed

    async def versions(self, plugin_id: str, *, even_stale: bool = False) -> dict[str, VersionStanding]:
        """Every version of the plugin that was ever listed; raises BadIndexName."""
        path = plugin_path(plugin_id)
        target, _ = await self._target(path, even_stale)
        found = (
            _read(PluginVersions, path, _custom(target)) if target else PluginVersions(plugin=plugin_id, versions={})
        )
        if found.plugin != plugin_id:
            raise _unreadable(f"The index lists another plugin as {path}.", path)
        digests = {version: standing.blob_sha256 for version, standing in found.versions.items()}
        await asyncio.to_thread(partial(self._floors.seen, plugin_id, digests, all_of_them=True))
        return found.versions

    async def licence_keys(self, *, even_stale: bool = False) -> list[PublicKey]:
        """The keys that sign this marketplace's licences, the newest first."""
        trust, _ = await self._usable(even_stale)
        target = trust.top_level(LICENCE_KEYS)
        try:
            return [PublicKey.parse(text) for text in _custom(target)["keys"]] if target else []
        except (KeyError, TypeError, AttributeError, InvalidInput) as error:
            raise _unreadable("The index names keys of licences that are none.", LICENCE_KEYS) from error

    async def _target(self, path: str, even_stale: bool) -> tuple[TargetFile | None, bool]:
        async with self._turn:
            trust, stale = await self._believed(even_stale)
            await self._reader.load_bin(trust, bin_of(path), kept_only=stale)
            return trust.reviewed(path), stale

    async def _usable(self, even_stale: bool) -> tuple[Trust, bool]:
        async with self._turn:
            return await self._believed(even_stale)

    async def _believed(self, even_stale: bool) -> tuple[Trust, bool]:
        """What may be believed now, and whether that is stale."""
        if self._trust and self._is_fresh(self._trust):
            return self._trust, False
        try:
            return await self._refresh(), False
        except IndexUnreachable:
            if not even_stale:
                raise
            return await asyncio.to_thread(self._reader.known), True

    def _is_fresh(self, trust: Trust) -> bool:
        young = time.monotonic() - self._asked_at < self._limits.fresh_seconds
        return young and self._now() < trust.expires_at

    async def _refresh(self) -> Trust:
        # Whatever is refused now, nothing is told from before.
        last, self._trust = self._trust, None
        for _ in range(_ATTEMPTS):
            try:
                asked_at = time.monotonic()
                self._trust = await self._reader.newest(last)
            except Changed:
                continue
            self._asked_at = asked_at
            return self._trust
        raise IndexUnreachable("Others keep refreshing the index.", next_step="Try again.")


def _custom(target: TargetFile) -> dict[str, Any]:
    custom = target.custom
    return dict(custom) if isinstance(custom, Mapping) else {}


def _read(kind: type[Part], path: str, value: Mapping[str, Any]) -> Part:
    try:
        return kind.model_validate_json(json.dumps(value))
    except (ValidationError, ValueError) as error:
        raise _unreadable(f"What the index says of {path} cannot be read.", path) from error


def _unreadable(message: str, place: str) -> Unreadable:
    return Unreadable(message, place=place, next_step="Update this program; if that does not help, tell the operator.")
