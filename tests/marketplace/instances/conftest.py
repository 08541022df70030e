from support.database import backend, database, migrated_postgresql, shared_postgresql
from support.selling import each_shop, shop

__all__ = ["backend", "database", "each_shop", "migrated_postgresql", "shared_postgresql", "shop"]
