"""What is kept of the calls of plugins, and which of their entries pause."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Float, Index, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Row, UtcDateTime, iso

ENTRY_CHARACTERS = 200


class PluginExecution(Row):
    """One call of a plugin: what it was asked (`kind`, `entry`), for whom, what became of it and what it took.

    `status` is `ok`, `refused`, `failed`, `timeout`, `busy`, `too_deep` or `cancelled`; `code` and `place` say why it
    is not `ok`. Times are milliseconds; `host_ms` are those of `wall_ms` in which the plugin waited for the host.
    """

    __tablename__ = "plugin_executions"

    plugin_id: Mapped[str] = mapped_column(String(81))
    version: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    entry: Mapped[str] = mapped_column(String(ENTRY_CHARACTERS))
    user_id: Mapped[UUID | None]
    user_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(80))
    place: Mapped[str | None] = mapped_column(String(200))
    fuel: Mapped[int] = mapped_column(BigInteger)
    wall_ms: Mapped[float] = mapped_column(Float)
    host_ms: Mapped[float] = mapped_column(Float)
    host_calls: Mapped[int]
    cost: Mapped[int]
    bytes_in: Mapped[int] = mapped_column(BigInteger)
    bytes_out: Mapped[int] = mapped_column(BigInteger)
    cold: Mapped[bool]

    __table_args__ = (Index(None, "plugin_id", "id"),)

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON."""
        asked = ("plugin_id", "version", "kind", "entry", "user_name")
        taken = ("fuel", "wall_ms", "host_ms", "host_calls", "cost", "bytes_in", "bytes_out", "cold")
        known = {name: getattr(self, name) for name in (*asked, "status", "code", "place", *taken)}
        who = {"user_id": self.user_id and str(self.user_id)}
        return {"id": str(self.id), "at": iso(self.at)} | who | known


plugin_breakers = Table(
    "plugin_breakers",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    Column("entry", String(ENTRY_CHARACTERS), primary_key=True),
    Column("openings", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=True),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""The breakers that have ever opened; one with `until` is open, and lets one trial through from then on."""

plugin_uses = Table(
    "plugin_uses",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    Column("what", String(2_048), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
"""How much each plugin has used on each day (UTC) of what it was granted: `what` is a permission or a place."""
