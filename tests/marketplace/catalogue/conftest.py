import pytest

from rising_bsm.db import Database
from support.catalogue import Shelf
from support.database import backend, database, migrated_postgresql, shared_postgresql

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]


@pytest.fixture
def shelf(database: Database) -> Shelf:
    """An empty catalogue, once on SQLite and once on PostgreSQL."""
    return Shelf(database)
