"""What is told of a version before anything of it is here: by the index, by the catalogue, and by what is here."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import NotFound, PermissionDenied
from rising_bsm.marketplace.blobs.routes import BlobRoutes
from rising_bsm.marketplace.catalogue.routes import CatalogueRoutes
from rising_bsm.marketplace.catalogue.service import Catalogue
from rising_bsm.marketplace.catalogue.tables import MarketPicture, MarketPlugin
from rising_bsm.marketplace.index import IndexRoutes
from rising_bsm.marketplace.market import MANIFEST
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.pictures import PICTURE_BYTES, Pictures
from rising_bsm.plugins.market.prospects import Prospect
from rising_bsm.plugins.reach import reach_of
from rising_bsm.runtime.system import SystemPlugin
from rising_bsm.sandbox import Pool
from support.market_place import MarketPlace, Shopper
from support.people import make_actor
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

ID = "acme.test"
GUARD = """
@before("customers.create", order={order})
def check(self, ctx, draft):
    return draft
"""
PNG, SVG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20, b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture(autouse=True)
def shop_window(market: MarketPlace) -> None:
    """The marketplace has its catalogue, too."""
    catalogue = Catalogue(market.database)
    parts = [IndexRoutes(market.index), *market.selling.parts, CatalogueRoutes(catalogue)]
    market.system.add(SystemPlugin(MANIFEST, [*parts, BlobRoutes(catalogue, market.blobs)]))


async def prospect(shopper: Shopper, actor: Any = SYSTEM, **options: Any) -> Prospect:
    return await shopper.side.prospects.of(actor, ID, options.get("version"))


async def test_the_index_says_what_and_the_catalogue_says_why(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    place = {"url": "https://api.example.com/", "methods": ["POST"], "reason": "To ask."}
    optional = [{"code": "users.read", "reason": "To name people."}]
    version = await market.publish(
        await make_signed_plugin(pool, GUARD.format(order=5), network=[place], optional_permissions=optional)
    )
    found = await prospect(shopper)
    assert (found.listed.version, found.listed.bundle_sha256) == ("1.0.0", version.bundle_sha256)
    assert [(one.code, one.reason) for one in found.permissions] == [("customers.read", "A test needs it.")]
    assert [(one.code, one.reason) for one in found.optional_permissions] == [("users.read", "To name people.")]
    assert [(one.url, one.methods, one.reason) for one in found.network] == [(place["url"], ("POST",), "To ask.")]
    assert [(one.hook, one.order) for one in found.facts.exports.before] == [("customers.create", 5)]
    assert (found.installed, found.collisions, found.refused) == (None, [], {})


async def test_a_catalogue_cannot_hide_what_the_index_lists(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    version = await market.publish(await make_signed_plugin(pool))
    async with market.database.transaction() as session:
        row = await session.merge(version)
        row.manifest_json = row.manifest_json | {"permissions": []}
    found = await prospect(shopper)
    assert [(one.code, one.reason) for one in found.permissions] == [("customers.read", "")]


async def test_what_was_released_a_moment_ago_counts(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    for version in ("1.0.0", "1.1.0"):
        await market.publish(await make_signed_plugin(pool, version=version))
        assert (await prospect(shopper)).listed.version == version


async def test_what_meets_others_is_said(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await shopper.instance.trust()
    for name, order in (("same", 5), ("other", 6)):
        bundle = await make_signed_plugin(pool, GUARD.format(order=order), name=name)
        await shopper.instance.plugins.install(SYSTEM, bundle)
    await market.publish(
        await make_signed_plugin(
            pool, GUARD.format(order=5), conflicts=["acme.other"], dependencies={"acme.gone": ">=1.0"}
        )
    )
    found = await prospect(shopper)
    assert [(one.kind, one.plugin, one.detail) for one in found.collisions] == [
        ("missing", "acme.gone", ">=1.0"),
        ("conflict", "acme.other", ""),
        ("hook", "acme.same", "customers.create"),
    ]
    assert len(found.trusted) == 1


async def test_what_this_person_cannot_grant_is_said(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_signed_plugin(pool))
    somebody = make_actor(permissions=["plugins.manage"])
    assert (await prospect(shopper, somebody)).refused == {"customers.read": "not_yours"}
    with pytest.raises(PermissionDenied):
        await prospect(shopper, make_actor(permissions=["customers.read"]))


async def test_what_is_here_is_counted(shopper: Shopper) -> None:
    for number in range(3):
        draft = {"name": "Bakery", "email": f"{number}@example.com", "phone": "0761 1" if number else ""}
        await shopper.instance.customers.create(SYSTEM, draft)
    reach = await reach_of(shopper.instance.database)
    assert (reach.customers, reach.reachable_customers, reach.appointments) == (3, 2, 0)
    assert reach.entries >= 3


async def picture(market: MarketPlace, data: bytes) -> str:
    """A picture of the marketplace; its digest."""
    blob = await market.blobs.put(data)
    async with market.database.transaction() as session:
        plugin = await session.get_one(MarketPlugin, 1)
        session.add(MarketPicture(plugin=plugin.number, sha256=blob.sha256))
    return blob.sha256


async def test_pictures_are_what_they_are(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_signed_plugin(pool))
    for data, kind in ((PNG, "image/png"), (SVG, "image/svg+xml")):
        found = await shopper.side.pictures.get(SYSTEM, await picture(market, data))
        assert (found.kind, found.data) == (kind, data)
    page, large = await picture(market, b"<html>"), await picture(market, PNG + b"\0" * PICTURE_BYTES)
    for sha256 in (page, large, "0" * 64, "../secret", ""):
        with pytest.raises(NotFound):
            await shopper.side.pictures.get(SYSTEM, sha256)
    with pytest.raises(PermissionDenied):
        await shopper.side.pictures.get(make_actor(permissions=[]), page)


async def test_other_bytes_than_those_that_were_asked_for_are_no_picture(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await market.publish(await make_signed_plugin(pool))
    sha256 = await picture(market, PNG)
    pictures = Pictures(MarketClient(Swapped(), shopper.side.identity))
    with pytest.raises(NotFound):
        await pictures.get(SYSTEM, sha256)


class Swapped:
    """A marketplace that hands out another picture."""

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        raise AssertionError("nothing else is asked")

    async def stream(self, path: str, *, start: int = 0) -> AsyncGenerator[bytes, None]:
        yield PNG + bytes([start + 1])
