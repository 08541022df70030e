"""Factories of publishers, plugins and versions of the catalogue, as rows: a test says what it needs and no more."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rising_bsm.db import Database, now
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion, Publisher
from support.bundles import make_manifest


async def make_publisher(database: Database, name: str = "acme", *, owner_id: UUID | None = None) -> Publisher:
    """The publisher of this name, made unless it is there."""
    async with database.transaction() as session:
        known = await session.scalar(select(Publisher).where(Publisher.name == name))
        publisher = known or Publisher(name=name, display_name=name.title(), owner_id=owner_id)
        session.add(publisher)
    return publisher


async def make_market_plugin(
    database: Database,
    plugin_id: str = "acme.loyalty",
    *,
    pricing: str = "paid",
    trial_days: int = 14,
    listed: bool = True,
    owner_id: UUID | None = None,
    **columns: Any,
) -> MarketPlugin:
    """A plugin of the catalogue, and its publisher."""
    publisher = (await make_publisher(database, plugin_id.partition(".")[0], owner_id=owner_id)).name
    values = {
        "display_name": plugin_id,
        "description": "A plugin of the tests.",
        "type": "mixed",
        "license": "MIT",
        "host": ">=0.1",
        "published_at": now(),
    }
    known = {"pricing": pricing, "trial_days": trial_days if pricing == "paid" else 0, "listed": listed}
    plugin = MarketPlugin(plugin_id=plugin_id, publisher=publisher, **(values | known | columns))
    async with database.transaction() as session:
        session.add(plugin)
    return plugin


async def make_market_version(
    database: Database,
    plugin_id: str = "acme.loyalty",
    version: str = "1.0.0",
    *,
    status: VersionStatus = VersionStatus.PUBLISHED,
    **columns: Any,
) -> MarketVersion:
    """A version of a plugin of the catalogue."""
    publisher, _, name = plugin_id.partition(".")
    manifest = make_manifest(publisher=publisher, name=name, version=version).model_dump(mode="json")
    values = {
        "bundle_sha256": "b" * 64,
        "bundle_size": 1000,
        "blob_sha256": "c" * 64,
        "blob_size": 1036,
        "key_id": "k" * 64,
        "manifest_json": manifest,
        "released_at": now(),
    }
    row = MarketVersion(plugin_id=plugin_id, version=version, status=status, **(values | columns))
    async with database.transaction() as session:
        session.add(row)
    return row


async def stored_plugin(database: Database, plugin_id: str = "acme.loyalty") -> MarketPlugin:
    """The plugin as it is stored now."""
    async with database.reading() as session:
        return (await session.scalars(select(MarketPlugin).where(MarketPlugin.plugin_id == plugin_id))).one()
