"""What everybody may read of the catalogue."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from packaging.version import Version
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle.offer import CATEGORIES
from rising_bsm.db import Database, iso
from rising_bsm.errors import NotFound
from rising_bsm.marketplace.catalogue.releasing import no_version
from rising_bsm.marketplace.catalogue.search.query import MarketQuery
from rising_bsm.marketplace.catalogue.search.search import Search
from rising_bsm.marketplace.catalogue.statuses import TO_BE_HAD, VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketPicture, MarketPlugin, MarketTag, MarketVersion, Publisher

_SHOWN_VERSIONS = [*TO_BE_HAD, VersionStatus.SUSPENDED, VersionStatus.REVOKED]
_TAGS = 200
# Not every text can be sent to every database.
_NAME, _SHA256 = re.compile(r"[a-z0-9.-]{1,81}"), re.compile(r"[0-9a-f]{64}")


class BlobKind(StrEnum):
    """What is handed out."""

    BUNDLE = "bundle"
    PICTURE = "picture"


class Catalogue:
    """The catalogue of a marketplace, as strangers see it: plugins that are listed, versions that were released."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, asked: object) -> dict[str, Any]:
        """One page of a search, as JSON. Raises InvalidInput."""
        query = MarketQuery.of(asked)
        async with self._database.reading() as session:
            found = await Search(session).page(query)
            publishers = await _publishers(session, {plugin.publisher for plugin in found.plugins})
        items = [shown(plugin, publishers.get(plugin.publisher)) for plugin in found.plugins]
        return {"items": items, "next": found.next}

    async def plugin(self, plugin_id: str) -> dict[str, Any]:
        """All there is to know of a listed plugin, as JSON. Raises NotFound (`catalogue.no_plugin`)."""
        async with self._database.reading() as session:
            plugin = await _listed(session, plugin_id)
            versions = await _versions(session, plugin_id)
            publisher = (await _publishers(session, {plugin.publisher})).get(plugin.publisher)
        of_it = next((one for one in versions if one.version == plugin.latest_version), None) or next(
            (one for one in versions if one.to_be_had), None
        )
        said = {name: of_it.manifest_json.get(name, []) for name in _OF_THE_MANIFEST} if of_it else {}
        more = {"readme": of_it.readme if of_it else "", "versions": [version.as_dict() for version in versions]}
        links = {"license": plugin.license, "homepage": plugin.homepage or None, "support": plugin.support or None}
        return shown(plugin, publisher) | links | {"screenshots": plugin.screenshots} | said | more

    async def versions(self, plugin_id: str) -> dict[str, Any]:
        """The versions of a listed plugin, the newest first, as JSON. Raises NotFound (`catalogue.no_plugin`)."""
        async with self._database.reading() as session:
            await _listed(session, plugin_id)
            return {"items": [version.as_dict() for version in await _versions(session, plugin_id)]}

    async def version(self, plugin_id: str, number: str) -> dict[str, Any]:
        """One released version of a listed plugin, with what it says of itself, as JSON.

        Raises NotFound (`catalogue.no_plugin`, `catalogue.no_version`).
        """
        async with self._database.reading() as session:
            plugin = await _listed(session, plugin_id)
            versions = await _versions(session, plugin_id)
            publisher = (await _publishers(session, {plugin.publisher})).get(plugin.publisher)
        found = next((one for one in versions if one.version == number), None)
        if found is None:
            raise no_version(plugin_id, number)
        said = {name: found.manifest_json.get(name) for name in (*_OF_THE_MANIFEST, "exports")}
        by = publisher and publisher.as_dict()
        return found.as_dict() | said | {"plugin": shown(plugin, publisher), "publisher": by}

    async def categories(self) -> dict[str, Any]:
        """How many listed plugins each category has, and the tags that most of them have, as JSON."""
        async with self._database.reading() as session:
            category, tag = MarketPlugin.category, MarketTag.tag
            counted = select(category, func.count().label("count")).where(MarketPlugin.listed).group_by(category)
            counts = {row.category: row.count for row in await session.execute(counted)}
            most = select(tag, func.count().label("count")).group_by(tag).order_by(func.count().desc(), tag)
            tags = [{"name": name, "count": count} for name, count in await session.execute(most.limit(_TAGS))]
        return {"items": [{"name": name, "count": counts.get(name, 0)} for name in CATEGORIES], "tags": tags}

    async def publisher(self, name: str) -> dict[str, Any]:
        """A publisher and how many plugins of it are listed, as JSON. Raises NotFound (`catalogue.no_publisher`)."""
        async with self._database.reading() as session:
            publisher = (await _publishers(session, {name})).get(name) if _NAME.fullmatch(name) else None
            if publisher is None:
                raise NotFound("There is no such publisher.", code="catalogue.no_publisher", place=name[:40])
            of_it = select(func.count()).where(MarketPlugin.publisher == name, MarketPlugin.listed)
            return publisher.as_dict() | {"plugins": await session.scalar(of_it) or 0}

    async def kind_of(self, sha256: str) -> BlobKind | None:
        """What this blob is, if anybody may have it; else None."""
        if not _SHA256.fullmatch(sha256):
            return None
        version, picture = MarketVersion.blob_sha256, MarketPicture.sha256
        to_be_had = MarketVersion.status.in_(TO_BE_HAD)
        async with self._database.reading() as session:
            if await session.scalar(select(MarketVersion.id).where(version == sha256, to_be_had).limit(1)):
                return BlobKind.BUNDLE
            if await session.scalar(select(MarketPicture.id).where(picture == sha256).limit(1)):
                return BlobKind.PICTURE
        return None

    async def count_download(self, sha256: str) -> None:
        """Somebody has begun to download this bundle."""
        plugin_id = select(MarketVersion.plugin_id).where(MarketVersion.blob_sha256 == sha256).limit(1)
        counted = {"downloads": MarketPlugin.downloads + 1, "updated_at": MarketPlugin.updated_at}
        async with self._database.transaction() as session:
            plugin = MarketPlugin.plugin_id == plugin_id.scalar_subquery()
            await session.execute(update(MarketPlugin).where(plugin).values(counted))


_OF_THE_MANIFEST = ("permissions", "optional_permissions", "network", "dependencies", "conflicts", "resources")


def shown(plugin: MarketPlugin, publisher: Publisher | None) -> dict[str, Any]:
    """A plugin as an entry of a list, as JSON."""
    same = ("display_name", "description", "category", "tags", "type", "pricing", "trial_days", "host")
    numbers = ("latest_version", "icon_sha256", "installs", "downloads", "rating", "rating_count")
    by = {
        "name": plugin.publisher,
        "display_name": publisher.display_name if publisher else plugin.publisher,
        "verified": publisher is not None and publisher.verified,
    }
    times = {"published_at": plugin.published_at and iso(plugin.published_at), "updated_at": iso(plugin.updated_at)}
    kept = {name: getattr(plugin, name) for name in (*same, *numbers)}
    return {"id": plugin.plugin_id, "publisher": by, **kept, **times}


async def _listed(session: AsyncSession, plugin_id: str) -> MarketPlugin:
    query = select(MarketPlugin).where(MarketPlugin.plugin_id == plugin_id, MarketPlugin.listed)
    if _NAME.fullmatch(plugin_id) and (plugin := await session.scalar(query)):
        return plugin
    raise NotFound(
        "There is no such plugin on this marketplace.",
        code="catalogue.no_plugin",
        place=plugin_id[:81],
        next_step="See GET …/plugins?q= for those that there are.",
    )


async def _versions(session: AsyncSession, plugin_id: str) -> list[MarketVersion]:
    """Those that were released, whatever became of them, the newest first."""
    query = select(MarketVersion).where(
        MarketVersion.plugin_id == plugin_id,
        MarketVersion.status.in_(_SHOWN_VERSIONS),
        MarketVersion.released_at.is_not(None),
    )
    return sorted(await session.scalars(query), key=lambda one: Version(one.version), reverse=True)


async def _publishers(session: AsyncSession, names: set[str]) -> dict[str, Publisher]:
    rows: Sequence[Publisher] = (await session.scalars(select(Publisher).where(Publisher.name.in_(names)))).all()
    return {publisher.name: publisher for publisher in rows}
