"""What a plugin has to say for itself: collected while a call runs, kept after it, the newest lines of each plugin."""

import json
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, select

from rising_bsm.db import Database, iso, now
from rising_bsm.errors import TooLarge
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.tables import PluginLine
from rising_bsm.runtime.text import visible, visible_json

Level = Literal["info", "warning", "error"]
Source = Literal["log", "stdout", "stderr", "host"]


@dataclass(frozen=True)
class LogLine:
    """One line; `source` is `log` for what the plugin logged and `host` for how a call of it failed."""

    level: str
    source: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=now)

    def as_dict(self) -> dict[str, Any]:
        """The line as JSON."""
        return asdict(self) | {"at": iso(self.at)}


class CallLog:
    """The lines of one call, made visible; when there are too many, the oldest go."""

    def __init__(self, limits: RuntimeLimits) -> None:
        self.lines: deque[LogLine] = deque(maxlen=limits.log_lines)
        self._limits = limits
        self._bytes_left = limits.log_bytes

    def write(self, level: Level, message: str, details: Mapping[str, Any]) -> None:
        """A line that the plugin logs; raises TooLarge when it has logged too much in this call."""
        encoded = json.dumps(details)
        self._bytes_left -= len(message.encode(errors="replace")) + len(encoded)
        if self._bytes_left < 0:
            raise TooLarge(
                f"One call may log {self._limits.log_bytes:,} bytes.",
                code="plugin.log_limit",
                next_step="Log less; keep what must be kept in the storage.",
            )
        fits = len(encoded) <= self._limits.line_characters
        self._add("log", level, message, visible_json(details if fits else {"cut": encoded}))

    def printed(self, stream: str, text: str) -> None:
        """What the plugin printed to its standard output or error."""
        source: Source = "stderr" if stream == "stderr" else "stdout"
        for line in text.split("\n"):
            self._add(source, "info", line)

    def failed(self, message: str, place: str | None) -> None:
        """How the call failed."""
        self._add("host", "error", message, {"place": place} if place else {})

    def _add(self, source: Source, level: Level, message: str, details: dict[str, Any] | None = None) -> None:
        self.lines.append(LogLine(level, source, visible(message, self._limits.line_characters), details or {}))


class PluginLogs:
    """The logs of all plugins in the database."""

    def __init__(self, database: Database, limits: RuntimeLimits) -> None:
        self._database = database
        self._limits = limits

    async def keep(self, plugin_id: str, lines: Sequence[LogLine]) -> None:
        """Adds the lines and drops the plugin's oldest, in one transaction."""
        if not lines:
            return
        mine = PluginLine.plugin_id == plugin_id
        newest = select(PluginLine.id).where(mine).order_by(PluginLine.id.desc())
        last_dropped = newest.offset(self._limits.log_lines).limit(1).scalar_subquery()
        async with self._database.transaction() as session:
            session.add_all(_row(plugin_id, line) for line in lines)
            await session.flush()
            await session.execute(delete(PluginLine).where(mine, PluginLine.id <= last_dropped))

    async def newest(self, plugin_id: str, limit: int, levels: Collection[str] = ()) -> list[LogLine]:
        """At most `limit` lines of the plugin, the newest first; only of these levels, if any is named."""
        lines = select(PluginLine).where(PluginLine.plugin_id == plugin_id).order_by(PluginLine.id.desc())
        if levels:
            lines = lines.where(PluginLine.level.in_(levels))
        async with self._database.reading() as session:
            rows = (await session.scalars(lines.limit(max(1, min(limit, self._limits.log_lines))))).all()
        return [LogLine(row.level, row.source, row.message, json.loads(row.details), row.at) for row in rows]


def _row(plugin_id: str, line: LogLine) -> PluginLine:
    texts = {"level": line.level, "source": line.source, "message": line.message, "details": json.dumps(line.details)}
    return PluginLine(plugin_id=plugin_id, at=line.at, **texts)
