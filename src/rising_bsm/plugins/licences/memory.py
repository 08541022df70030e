"""How licences stand, remembered: it is asked before every call of a plugin that costs something."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rising_bsm.licensing import Licensed
from rising_bsm.plugins.licences.shelf import Shelf

REMEMBERED_SECONDS = 10.0
"""How long a process relies on what it knows of a licence: what other processes do takes effect within that."""

Surroundings = Callable[[], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True)
class _Known:
    """What is known of a plugin's licence, if it has one, since the clock said `local`; `seen` is the highest time."""

    licensed: Licensed | None
    local: datetime
    seen: datetime | None = None
    seq: int = 0
    read: float = field(default_factory=time.monotonic)

    def is_old(self, local: datetime) -> bool:
        """Whether it must be looked up: others may have changed it, the clock was set, or a state has ended."""
        if local < self.local or time.monotonic() - self.read > REMEMBERED_SECONDS:
            return True
        until = self.licensed.standing.until if self.licensed else None
        return until is not None and self.seen is not None and until < self.seen + (local - self.local)


class Memory:
    """What this process knows of the licences on `shelf`."""

    def __init__(self, shelf: Shelf, surroundings: Surroundings, clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._surroundings = surroundings
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def find(self, plugin_id: str) -> Licensed | None:
        """The plugin's licence and how it stands now, None without one."""
        known, local = self._known.get(plugin_id), self._clock()
        if known is None or known.is_old(local):
            known = self._known[plugin_id] = await self._look(plugin_id, known, local)
        return known.licensed

    def forget(self, plugin_id: str) -> None:
        """It is looked up before it is relied on again; the highest time that was seen is not forgotten."""
        if known := self._known.get(plugin_id):
            self._known[plugin_id] = _Known(None, known.local, known.seen, known.seq, read=float("-inf"))

    def forget_all(self) -> None:
        """As `forget`, for all."""
        for plugin_id in list(self._known):
            self.forget(plugin_id)

    async def _look(self, plugin_id: str, known: _Known | None, local: datetime) -> _Known:
        held = await self._shelf.of(plugin_id)
        if held is None:
            return _Known(None, local)
        # What was seen counts from the moment on, and not only when the next heartbeat has written it down.
        if known is not None and known.seen is not None and known.seq == held.row.seq:
            held.row.seen_at = max(held.row.seen_at, known.seen)
        seen = held.clock(local).observed(held.licence).highest
        return _Known(held.licensed(local, await self._surroundings()), local, seen, held.row.seq)
