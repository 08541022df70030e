"""Plugins that are made for a version of the host."""

from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from sqlalchemy import ColumnElement, text
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.tables import MarketPlugin

# There are many plugins and few ranges: from each the next is looked up, and not all plugins are read.
_RANGES = text("""
    WITH RECURSIVE ranges(host) AS (
        SELECT min(host) FROM market_plugins
        UNION ALL
        SELECT (SELECT min(host) FROM market_plugins WHERE host > ranges.host) FROM ranges WHERE ranges.host IS NOT NULL
    ) SELECT host FROM ranges WHERE host IS NOT NULL
""")


async def made_for(session: AsyncSession, version: str) -> ColumnElement[bool]:
    """The condition under which a plugin is made for hosts of this version, as its manifest understands it."""
    ranges = (await session.scalars(_RANGES)).all()
    good = [range for range in ranges if _contains(range, version)]
    if len(good) * 2 < len(ranges):
        return MarketPlugin.host.in_(good)
    return MarketPlugin.host.not_in(set(ranges) - set(good))


@lru_cache(maxsize=10_000)
def _contains(range: str, version: str) -> bool:
    return SpecifierSet(range).contains(Version(version), prereleases=True)
