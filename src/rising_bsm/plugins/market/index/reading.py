"""The steps by which an index is read from a marketplace, each kept as soon as it is believed.

They are those of the TUF specification's detailed client workflow (section 5).
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from rising_bsm.plugins.market.index import trust as roles
from rising_bsm.plugins.market.index.errors import IndexMissing, IndexRefused, IndexUnreachable, Unreadable, WrongRoot
from rising_bsm.plugins.market.index.fetching import Fetch, read
from rising_bsm.plugins.market.index.layout import TIMESTAMP_FILE, file_name
from rising_bsm.plugins.market.index.limits import IndexLimits
from rising_bsm.plugins.market.index.state import State
from rising_bsm.plugins.market.index.trust import Trust
from rising_bsm.plugins.market.index.watch import Watch

_FIRST_ROOT = "first-root.json"


class IndexReader:
    """Reads with `fetch` and remembers in `state`; `pinned` is the SHA-256 of the first root in hex."""

    def __init__(self, state: State, fetch: Fetch, limits: IndexLimits, pinned: str | None, watch: Watch) -> None:
        self._state = state
        self._fetch = fetch
        self._limits = limits
        self._pinned = pinned
        self._watch = watch

    async def newest(self, last: Trust | None = None) -> Trust:
        """The newest index; raises IndexRefused, IndexUnreachable, StateUnusable; Changed if somebody was quicker.

        It is `last`, what this process believed before, if nothing has changed since.
        """
        moment = await asyncio.to_thread(self._watch.moment)
        if last and await self._is_the_newest(last, moment):
            return last
        trust = await asyncio.to_thread(Trust, await self._root(moment), moment)
        await self._follow_roots(trust)
        await self._load_timestamp(trust)
        await self._load_snapshot(trust)
        await self._load_targets(trust)
        return trust

    async def _is_the_newest(self, trust: Trust, moment: datetime) -> bool:
        """Whether every byte is as it was, here and there: then there is nothing to check but the time."""
        if await self._ask(file_name(roles.ROOT, trust.root_version + 1), self._limits.root_bytes) is not None:
            return False
        data = await self._get(TIMESTAMP_FILE, self._limits.timestamp_bytes)
        return data == trust.timestamp == await self._kept(TIMESTAMP_FILE) and trust.holds_at(moment)

    async def _root(self, moment: datetime) -> bytes:
        """The root that is believed: the last one that was seen, at the very first time the one that is there."""
        first = await self._kept(_FIRST_ROOT)
        if first is None:
            first = await self._get(file_name(roles.ROOT, 1), self._limits.root_bytes)
            await asyncio.to_thread(Trust, first, moment)
            self._check_pinned(first)
            await self._keep(_FIRST_ROOT, first, seen=None)
        self._check_pinned(first)
        return await self._kept(file_name(roles.ROOT)) or first

    def _check_pinned(self, first: bytes) -> None:
        if self._pinned and hashlib.sha256(first).hexdigest() != self._pinned.lower():
            raise WrongRoot(
                "The marketplace's first root is not the one that is pinned here.",
                place="1.root.json",
                next_step="Compare RISING_BSM_MARKETPLACE_ROOT with what the marketplace's operator says.",
            )

    async def _follow_roots(self, trust: Trust) -> None:
        name, seen = file_name(roles.ROOT), await self._kept(file_name(roles.ROOT))
        for _ in range(self._limits.root_rotations):
            newer = file_name(roles.ROOT, trust.root_version + 1)
            data = await self._ask(newer, self._limits.root_bytes)
            if data is None:
                return
            await asyncio.to_thread(trust.add_root, data)
            await self._keep(name, data, seen=seen)
            seen = data

    async def _load_timestamp(self, trust: Trust) -> None:
        name = TIMESTAMP_FILE
        if (kept := await self._kept(name)) is not None:
            await _unless_refused(trust.add_timestamp, kept)
        data = await self._get(name, self._limits.timestamp_bytes)
        if await asyncio.to_thread(trust.add_timestamp, data):
            await self._keep(name, data, seen=kept)

    async def _load_snapshot(self, trust: Trust) -> None:
        name = file_name(roles.SNAPSHOT)
        kept = await self._kept(name)
        if kept is not None and await _unless_refused(partial(trust.add_snapshot, kept=True), kept):
            return
        version, most = trust.snapshot_wanted(self._limits.snapshot_bytes)
        data = await self._get(file_name(roles.SNAPSHOT, version), most)
        await asyncio.to_thread(trust.add_snapshot, data)
        await self._keep(name, data, seen=kept)

    async def _load_targets(self, trust: Trust) -> None:
        await self._load(trust, roles.TARGETS, trust.add_targets)

    async def load_bin(self, trust: Trust, role: str, *, kept_only: bool) -> None:
        """Loads the bin, if there is one; raises what `newest` does."""
        if trust.has(role) or not trust.names(role):
            return
        if not kept_only:
            await self._load(trust, role, partial(trust.add_bin, role))
            return
        kept = await self._kept(file_name(role))
        if kept is None or not await _unless_refused(partial(trust.add_bin, role), kept):
            raise IndexUnreachable(
                "What the index says of this is not known here.",
                place=role,
                next_step="Try again when the marketplace can be reached.",
            )

    async def _load(self, trust: Trust, role: str, add: Callable[[bytes], None]) -> None:
        name = file_name(role)
        kept = await self._kept(name)
        if kept is not None and await _unless_refused(add, kept):
            return
        wanted = trust.wanted(role, self._limits.targets_bytes)
        if wanted is None:
            raise Unreadable(
                f"The index does not say which {role} is valid.",
                place=role,
                next_step="Install nothing from there until its operator has explained it.",
            )
        data = await self._get(file_name(role, wanted[0]), wanted[1])
        await asyncio.to_thread(add, data)
        # Whatever is kept of these is only believed if the snapshot names it, so nobody can put back an old one.
        await asyncio.to_thread(self._state.replace, name, data)

    def known(self) -> Trust:
        """What was believed last, if it is not over for longer than the grace allows."""
        files = {name: self._state.get(f"{name}.json") for name in (roles.TIMESTAMP, roles.SNAPSHOT, roles.TARGETS)}
        root = self._state.get(file_name(roles.ROOT)) or self._state.get(_FIRST_ROOT)
        if root is None or None in files.values():
            raise IndexUnreachable("The marketplace's index was never read.", next_step="Try again later.")
        trust = Trust(root, self._watch.moment() - timedelta(days=self._limits.grace_days))
        trust.add_timestamp(files[roles.TIMESTAMP] or b"")
        trust.add_snapshot(files[roles.SNAPSHOT] or b"", kept=True)
        trust.add_targets(files[roles.TARGETS] or b"")
        return trust

    async def _ask(self, name: str, most: int) -> bytes | None:
        return await read(self._fetch, name, most=most, seconds=self._limits.file_seconds)

    async def _get(self, name: str, most: int) -> bytes:
        data = await self._ask(name, most)
        if data is None:
            raise IndexMissing(
                f"The marketplace has no {name}.",
                place=name,
                next_step="See that the address is that of a marketplace; if it is, tell its operator.",
            )
        return data

    async def _kept(self, name: str) -> bytes | None:
        return await asyncio.to_thread(self._state.get, name)

    async def _keep(self, name: str, data: bytes, *, seen: bytes | None) -> None:
        await asyncio.to_thread(partial(self._state.put, name, data, seen=seen))


async def _unless_refused(add: Callable[[bytes], Any], data: bytes) -> bool:
    """Whether what is kept is good; where it is not, it only serves to compare with."""
    try:
        await asyncio.to_thread(add, data)
    except IndexRefused:
        return False
    return True
