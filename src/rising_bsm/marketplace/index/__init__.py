"""The signed index of the marketplace: which versions exist now."""

from rising_bsm.marketplace.index.routes import IndexRoutes
from rising_bsm.marketplace.index.service import Index

__all__ = ["Index", "IndexRoutes"]
