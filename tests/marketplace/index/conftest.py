from support.database import backend, database, migrated_postgresql, shared_postgresql

__all__ = ["backend", "database", "migrated_postgresql", "shared_postgresql"]
