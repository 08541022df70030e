"""One call of a plugin as it is recorded."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.db import now, uuid7
from rising_bsm.errors import Busy, Error
from rising_bsm.runtime.accounting.breaker import Verdict
from rising_bsm.runtime.accounting.errors import PluginPaused, QuotaExceeded
from rising_bsm.runtime.accounting.tables import ENTRY_CHARACTERS
from rising_bsm.runtime.errors import PluginsTooDeep
from rising_bsm.sandbox import DeadlineExceeded, PluginRefused, Usage

LIFECYCLE = "lifecycle"
_STATUS: tuple[tuple[type[BaseException], str], ...] = (
    (PluginRefused, "refused"),
    (DeadlineExceeded, "timeout"),
    (PluginsTooDeep, "too_deep"),
    (PluginPaused, "paused"),
    (QuotaExceeded, "quota"),
    (Busy, "busy"),
    (asyncio.CancelledError, "cancelled"),
)
_SAYS = {"ok": Verdict.WORKED, "refused": Verdict.WORKED, "failed": Verdict.FAILED, "timeout": Verdict.FAILED}


@dataclass
class Execution:
    """A call from its beginning on; `status`, `code` and `place` are there when it has ended.

    `entry` is what it was asked, for people (`before customers.create`); `version` is the plugin's.
    """

    plugin_id: str
    version: str
    kind: str
    entry: str
    actor: Actor
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    status: str = "ok"
    code: str | None = None
    place: str | None = None
    id: UUID = field(default_factory=uuid7)
    at: datetime = field(default_factory=now)

    @property
    def verdict(self) -> Verdict:
        """What the call says about the plugin; that it refuses is no failure."""
        return _SAYS.get(self.status, Verdict.NOTHING)

    def ended_in(self, error: BaseException) -> None:
        """It has come to this error."""
        self.status = next((status for kind, status in _STATUS if isinstance(error, kind)), "failed")
        if isinstance(error, Error):
            self.code, self.place = error.code[:80], error.place and error.place[:200]

    def as_row(self) -> dict[str, Any]:
        """What is kept of it."""
        used, actor = self.usage, self.actor
        named = ("id", "at", "plugin_id", "version", "kind", "status", "code", "place", "cost")
        counted = ("fuel", "host_calls", "bytes_in", "bytes_out", "cold")
        return (
            {name: getattr(self, name) for name in named}
            | {name: getattr(used, name) for name in counted}
            | {"entry": self.entry[:ENTRY_CHARACTERS], "user_id": actor.user_id, "user_name": actor.name[:200]}
            | {"wall_ms": _milliseconds(used.wall_seconds), "host_ms": _milliseconds(used.host_seconds)}
        )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1_000, 3)
