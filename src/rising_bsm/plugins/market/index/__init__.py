"""The signed index of a marketplace, read by python-tuf's rules and believed no further than they go."""

from rising_bsm.plugins.market.index.blob import BlobCheck, check_blob
from rising_bsm.plugins.market.index.client import IndexClient
from rising_bsm.plugins.market.index.errors import IndexRefused, IndexUnreachable, StateUnusable
from rising_bsm.plugins.market.index.fetching import Fetch
from rising_bsm.plugins.market.index.limits import IndexLimits
from rising_bsm.plugins.market.index.listing import Listed, Listing, VersionStanding

__all__ = [
    "BlobCheck",
    "Fetch",
    "IndexClient",
    "IndexLimits",
    "IndexRefused",
    "IndexUnreachable",
    "Listed",
    "Listing",
    "StateUnusable",
    "VersionStanding",
    "check_blob",
]
