"""A catalogue for tests, filled by what fills it in the program."""

import hashlib
from typing import Any

from rising_bsm.db import Database
from rising_bsm.marketplace.catalogue.releasing import add_version, release, set_status
from rising_bsm.marketplace.catalogue.service import Catalogue
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion, Publisher
from support.bundles import make_manifest


class Shelf:
    """What there is, and what somebody finds."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.catalogue = Catalogue(database)

    async def approve(self, name: str = "hello", version: str = "1.0.0", **said: Any) -> MarketVersion:
        """A version that was approved; what is `said` is its manifest's, or else its own."""
        about = {key: said.pop(key) for key in _OF_THE_VERSION & said.keys()}
        manifest = make_manifest(name=name, version=version, **said)
        digest = hashlib.sha256(f"{manifest.id} {version}".encode()).hexdigest()
        known = {"bundle_sha256": digest, "blob_sha256": digest, "bundle_size": 3, "blob_size": 3, "key_id": "0" * 64}
        async with self.database.transaction() as session:
            return await add_version(session, manifest, **(known | about))

    async def publish(self, name: str = "hello", version: str = "1.0.0", **said: Any) -> str:
        """A version that is to be had; the id of its plugin. `installs`, `score` and stars are the plugin's."""
        numbers = {key: said.pop(key) for key in _OF_THE_PLUGIN & said.keys()}
        approved = await self.approve(name, version, **said)
        async with self.database.transaction() as session:
            _, plugin = await release(session, approved.plugin_id, version)
            for key, value in numbers.items():
                setattr(plugin, key, value)
        return approved.plugin_id

    async def become(
        self, status: VersionStatus, plugin_id: str = "acme.hello", version: str = "1.0.0"
    ) -> MarketPlugin:
        """The version has this status from now on."""
        async with self.database.transaction() as session:
            _, plugin = await set_status(session, plugin_id, version, status, "tested")
        return plugin

    async def register(self, name: str = "acme", **said: Any) -> None:
        """A publisher."""
        async with self.database.transaction() as session:
            session.add(Publisher(**({"name": name, "display_name": name.title(), "verified": True} | said)))

    async def find(self, **asked: Any) -> list[str]:
        """The ids on the first page."""
        return [item["id"] for item in (await self.catalogue.search(asked))["items"]]

    async def walk(self, **asked: Any) -> list[str]:
        """The ids on all pages."""
        found: list[str] = []
        page: dict[str, Any] = {"next": ""}
        while page["next"] is not None:
            page = await self.catalogue.search(asked | ({"cursor": page["next"]} if page["next"] else {}))
            assert len(page["items"]) <= asked.get("limit", 20)
            found += [item["id"] for item in page["items"]]
        return found


_OF_THE_VERSION = {"channel", "readme", "changelog", "icon_sha256", "screenshots", "blob_sha256", "blob_size"} | {
    "bundle_sha256",
    "bundle_size",
    "security",
    "encrypted",
}
_OF_THE_PLUGIN = {"installs", "score", "rating_count", "rating_sum", "published_at"}
