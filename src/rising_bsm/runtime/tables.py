"""What the runtime keeps of each plugin: its storage, how much of it is in use, settings, problems and log."""

from datetime import datetime

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Row, UtcDateTime, now

plugin_storage = Table(
    "plugin_storage",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    # UTF-8: keys are equal, and sort, by their bytes in every database, whatever its collation.
    Column("key", LargeBinary(512), primary_key=True),
    Column("value", Text, nullable=False),
    Column("size", Integer, nullable=False),
)
"""Entries; `value` is JSON text, `size` what the entry counts towards the quota, in bytes."""

plugin_usage = Table(
    "plugin_usage",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    Column("storage_bytes", Integer, nullable=False),
)
"""The sum of each plugin's sizes; who writes into a plugin's storage holds its row here."""

plugin_settings = Table(
    "plugin_settings",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    Column("encrypted", Boolean, nullable=False),
)
"""What administrators have set; `value` is JSON text, or a sealed secret where it is `encrypted`."""

plugin_problems = Table(
    "plugin_problems",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("level", String(10), nullable=False),
    Column("message", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)
"""What plugins report; `count` is how often, `details` JSON text."""


class PluginLine(Row):
    """A line of a plugin's log. `details` is JSON text; nothing in either text can steer a terminal."""

    __tablename__ = "plugin_log"

    plugin_id: Mapped[str] = mapped_column(String(81))
    at: Mapped[datetime] = mapped_column(default=now)
    level: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    message: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "plugin_id", "id"),)
