"""The data: base model, sessions, migrations."""

from rising_bsm.db.base import Base, Json, Row, UtcDateTime, iso, now, stopped_clock, uuid7
from rising_bsm.db.database import Database, DatabaseUnavailable, on_commit

__all__ = [
    "Base",
    "Database",
    "DatabaseUnavailable",
    "Json",
    "Row",
    "UtcDateTime",
    "iso",
    "now",
    "on_commit",
    "stopped_clock",
    "uuid7",
]
