"""The data: base model, sessions, migrations."""

from rising_bsm.db.base import Base, Json, Row, UtcDateTime, iso, now, uuid7
from rising_bsm.db.database import Database, DatabaseUnavailable

__all__ = ["Base", "Database", "DatabaseUnavailable", "Json", "Row", "UtcDateTime", "iso", "now", "uuid7"]
