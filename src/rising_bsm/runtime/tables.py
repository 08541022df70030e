"""What the runtime keeps of each plugin: its storage, how much of it is in use, and its log."""

from datetime import datetime

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Row, now

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
