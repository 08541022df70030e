"""Plugins that are made for a version of the host."""

from collections.abc import Callable
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from sqlalchemy import ColumnElement, text
from sqlalchemy.ext.asyncio import AsyncSession

# There are many plugins and few ranges: from each the next is looked up, and not all plugins are read.
_RANGES = text("""
    WITH RECURSIVE ranges(host) AS (
        SELECT min(host) FROM market_plugins
        UNION ALL
        SELECT (SELECT min(host) FROM market_plugins WHERE host > ranges.host) FROM ranges WHERE ranges.host IS NOT NULL
    ) SELECT host FROM ranges WHERE host IS NOT NULL
""")


async def made_for(session: AsyncSession, version: str) -> Callable[[ColumnElement[str]], ColumnElement[bool]]:
    """The condition on the range of host versions of a plugin under which it is made for this one."""
    ranges = (await session.scalars(_RANGES)).all()
    good = [range for range in ranges if _contains(range, version)]
    if len(good) * 2 < len(ranges):
        return lambda host: host.in_(good)
    return lambda host: host.not_in(set(ranges) - set(good))


@lru_cache(maxsize=10_000)
def _contains(range: str, version: str) -> bool:
    return SpecifierSet(range).contains(Version(version), prereleases=True)
