"""What plugins report to the administrator: equal keys are one problem, counted."""

import json
from typing import Any, Literal

from sqlalchemy import Row as Found
from sqlalchemy import bindparam, delete, func, select, text

from rising_bsm.db import Database, UtcDateTime, iso, now
from rising_bsm.errors import TooLarge
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits
from rising_bsm.runtime.tables import plugin_problems
from rising_bsm.runtime.text import visible, visible_json

Level = Literal["info", "warning", "error"]
_P = plugin_problems.c

# Both databases know this form.
_NOTE = text(
    "INSERT INTO plugin_problems (plugin_id, key, level, message, details, count, first_at, last_at) "
    "VALUES (:plugin_id, :key, :level, :message, :details, 1, :at, :at) "
    "ON CONFLICT (plugin_id, key) DO UPDATE SET level = excluded.level, message = excluded.message, "
    "details = excluded.details, count = plugin_problems.count + 1, last_at = excluded.last_at RETURNING count"
).bindparams(bindparam("at", type_=UtcDateTime))


class Problems:
    """The problems of one plugin in the database."""

    def __init__(self, database: Database, plugin_id: str, limits: RuntimeLimits = DEFAULT_LIMITS) -> None:
        self._database = database
        self._plugin_id = plugin_id
        self._limits = limits

    async def report(self, key: str, message: str, level: Level, details: dict[str, Any]) -> None:
        """Notes the problem, or that it is there again. Raises TooLarge (`problems.too_many`)."""
        encoded, most = json.dumps(details), self._limits.line_characters
        shown = {"key": visible(key, 100), "level": level, "message": visible(message, most)}
        kept = json.dumps(visible_json(details if len(encoded) <= most else {"cut": visible(encoded, most)}))
        async with self._database.transaction() as session:
            values = shown | {"plugin_id": self._plugin_id, "details": kept, "at": now()}
            if (await session.execute(_NOTE, values)).scalar_one() == 1:
                count = await session.scalar(select(func.count()).where(_P.plugin_id == self._plugin_id)) or 0
                if count > self._limits.problems:
                    raise self._too_many()

    async def clear(self, key: str | None = None) -> bool:
        """Removes the problem, or all; whether there was one."""
        which = [_P.plugin_id == self._plugin_id] + ([] if key is None else [_P.key == visible(key, 100)])
        async with self._database.transaction() as session:
            found = await session.execute(delete(plugin_problems).where(*which).returning(_P.key))
            return found.first() is not None

    async def all(self) -> list[dict[str, Any]]:
        """Every problem as JSON, the one that was there last first."""
        mine = select(plugin_problems).where(_P.plugin_id == self._plugin_id).order_by(_P.last_at.desc(), _P.key)
        async with self._database.reading() as session:
            return [_shown(row) for row in (await session.execute(mine)).all()]

    def _too_many(self) -> TooLarge:
        return TooLarge(
            f"A plugin may have {self._limits.problems} problems at a time.",
            code="problems.too_many",
            place="key",
            next_step="Report problems of one kind under one key, and clear those that are over.",
        )


def _shown(row: Found[Any]) -> dict[str, Any]:
    plain = {"key": row.key, "level": row.level, "message": row.message, "details": json.loads(row.details)}
    return plain | {"count": row.count, "first_at": iso(row.first_at), "last_at": iso(row.last_at)}
