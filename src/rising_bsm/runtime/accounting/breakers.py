"""The breakers of all plugins: one for each entry, kept in the database when they open or close."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite

from rising_bsm.db import Database, iso
from rising_bsm.runtime.accounting.breaker import Breaker, Ticket, Verdict
from rising_bsm.runtime.accounting.errors import PluginPaused
from rising_bsm.runtime.accounting.tables import ENTRY_CHARACTERS, plugin_breakers

Key = tuple[str, str]
_B = plugin_breakers.c


@dataclass(frozen=True)
class Opening:
    """A breaker has opened: that of `entry`, until this moment, which counts only when it is `enforced`.

    `worn_out` says that it has opened too often for the plugin to be kept.
    """

    plugin_id: str
    entry: str
    until: datetime
    enforced: bool
    worn_out: bool


class Breakers:
    """Which entries of which plugins pause. `clock` gives seconds since 1970.

    `opened` is what has opened and nobody was told of yet.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.opened: list[Opening] = []
        self._database = database
        self._clock = clock
        self._breakers: dict[Key, Breaker] = {}
        self._changed: set[Key] = set()

    def begin(self, plugin_id: str, entry: str, *, enforced: bool = True) -> Ticket | None:
        """Leave to call. Raises PluginPaused when there is none; None instead when the breaker only watches."""
        entry = entry[:ENTRY_CHARACTERS]
        breaker = self._breakers.get((plugin_id, entry))
        if breaker is None:
            breaker = self._breakers[plugin_id, entry] = Breaker()
        now = self._clock()
        ticket = breaker.begin(now)
        if ticket is None and enforced:
            left = breaker.seconds_left(now)
            raise PluginPaused(plugin_id, entry, moment_of(max(breaker.until or now, now + 1)), left)
        return ticket

    def end(self, plugin_id: str, entry: str, ticket: Ticket, verdict: Verdict, *, enforced: bool = True) -> None:
        """The call is over."""
        key = plugin_id, entry[:ENTRY_CHARACTERS]
        breaker, now = self._breakers.get(key), self._clock()
        if breaker is None or not breaker.end(ticket, verdict, now):
            return
        self._changed.add(key)
        if breaker.until is not None:
            self.opened.append(Opening(*key, moment_of(breaker.until), enforced, breaker.worn_out))

    def of(self, plugin_id: str) -> list[dict[str, Any]]:
        """The breakers of the plugin that are open or were, as JSON."""
        mine = ((entry, breaker) for (owner, entry), breaker in self._breakers.items() if owner == plugin_id)
        return [_shown(entry, breaker) for entry, breaker in sorted(mine) if breaker.openings]

    def open_ones(self) -> dict[str, int]:
        """How many breakers are open, by plugin; those of plugins that have any."""
        counted: dict[str, int] = {}
        for (plugin_id, _entry), breaker in self._breakers.items():
            counted[plugin_id] = counted.get(plugin_id, 0) + breaker.is_open
        return counted

    def reset(self, plugin_id: str) -> list[datetime]:
        """All of the plugin are closed, as if nothing had failed; until when those that were open would have been."""
        ended = []
        for key, breaker in self._breakers.items():
            if key[0] == plugin_id:
                if breaker.until is not None:
                    ended.append(moment_of(breaker.until))
                if breaker.openings:
                    self._changed.add(key)
                breaker.reset(self._clock())
        return ended

    def forget(self, plugin_id: str) -> None:
        """The plugin is no more."""
        self._breakers = {key: breaker for key, breaker in self._breakers.items() if key[0] != plugin_id}
        self._changed = {key for key in self._changed if key[0] != plugin_id}
        self.opened = [opening for opening in self.opened if opening.plugin_id != plugin_id]

    async def load(self) -> None:
        """What other processes, or this one before it was started again, have kept and is newer is as they say."""
        async with self._database.reading() as session:
            rows = (await session.execute(select(plugin_breakers))).all()
        for row in rows:
            self._learn(row)

    async def save(self) -> None:
        """Keeps what has opened or closed."""
        changed, self._changed = self._changed, set()
        if not changed:
            return
        try:
            await self._write([_row(key, self._breakers[key]) for key in changed if key in self._breakers])
        except BaseException:
            self._changed |= changed
            raise

    def _learn(self, row: Row[Any]) -> None:
        key, changed = (row.plugin_id, row.entry), row.changed_at.timestamp()
        known = self._breakers.get(key)
        if key not in self._changed and (known is None or changed > known.changed):
            self._breakers[key] = Breaker(row.openings, row.until and row.until.timestamp(), changed)

    async def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        async with self._database.transaction() as session:
            upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
            for row in rows:
                changes = {name: row[name] for name in ("openings", "until", "changed_at")}
                await session.execute(
                    upsert(plugin_breakers)
                    .values(row)
                    .on_conflict_do_update(index_elements=["plugin_id", "entry"], set_=changes)
                )


def moment_of(seconds: float) -> datetime:
    """The moment so many seconds after 1970 began."""
    return datetime.fromtimestamp(seconds, UTC)


def _row(key: Key, breaker: Breaker) -> dict[str, Any]:
    until = None if breaker.until is None else moment_of(breaker.until)
    kept = {"openings": breaker.openings, "until": until, "changed_at": moment_of(breaker.changed)}
    return {"plugin_id": key[0], "entry": key[1]} | kept


def _shown(entry: str, breaker: Breaker) -> dict[str, Any]:
    until = None if breaker.until is None else iso(moment_of(breaker.until))
    return {"entry": entry, "openings": breaker.openings, "paused_until": until}
