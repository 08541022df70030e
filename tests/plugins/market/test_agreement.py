"""Nothing is installed but what somebody was shown and has agreed to."""

from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import InvalidInput
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion
from rising_bsm.plugins.market.index import Listed
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.market_place import MarketPlace, Shopper
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

ID = "acme.test"
PLACE = {"url": "https://api.example.com/v1/", "methods": ["GET"], "reason": "To ask."}


async def listed_as(market: MarketPlace, version: MarketVersion, **manifest: Any) -> None:
    """The index says this of the version, whatever its bundle says."""
    async with market.database.transaction() as session:
        row = await session.get_one(MarketVersion, version.id)
        row.manifest_json = row.manifest_json | manifest
        plugin = await session.get_one(MarketPlugin, 1)
        await market.index.put(row, plugin, [str(make_key().public_key)], session=session)


async def test_the_bundle_that_was_shown_is_installed_and_no_other(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    version = await market.publish(await make_signed_plugin(pool))

    refused = await shopper.install(bundle_sha256="0" * 64)

    assert (refused.state, refused.problem and refused.problem["code"]) == ("failed", "market.other_bundle")
    assert await shopper.instance.plugins.list(SYSTEM) == []
    done = await shopper.install(bundle_sha256=version.bundle_sha256)
    assert (done.state, done.problem) == ("done", None)


HIDDEN: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"permissions": ["customers.delete"]}, {"permissions": []}, "customers.delete"),
    (
        {"optional_permissions": [{"code": "users.read", "reason": "To ask."}]},
        {"optional_permissions": []},
        "users.read",
    ),
    ({"network": [PLACE]}, {"network": []}, "https://api.example.com/v1/"),
]


@pytest.mark.parametrize(("asks", "says", "hidden"), HIDDEN, ids=lambda value: "" if isinstance(value, dict) else value)
async def test_a_bundle_asks_for_nothing_that_its_index_hides(
    pool: Pool, market: MarketPlace, shopper: Shopper, asks: dict[str, Any], says: dict[str, Any], hidden: str
) -> None:
    await listed_as(market, await market.publish(await make_signed_plugin(pool, **asks)), **says)

    row = await shopper.install()

    problem = row.problem or {}
    assert (row.state, problem["code"]) == ("failed", "market.not_what_is_listed")
    assert hidden in problem["message"]
    assert await shopper.instance.plugins.list(SYSTEM) == []


async def test_an_index_may_name_whole_hosts(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    version = await market.publish(await make_signed_plugin(pool, network=[PLACE]))
    await listed_as(market, version, network=[{"url": "api.example.com"}])
    assert (await shopper.install()).problem is None
    found = await shopper.side.index.find(ID, "1.0.0")
    assert isinstance(found, Listed)
    assert found.network == ("api.example.com",)


async def test_a_digest_is_one(shopper: Shopper) -> None:
    with pytest.raises(InvalidInput) as refused:
        await shopper.acquisitions.install(SYSTEM, {"plugin": ID, "bundle_sha256": "x"})
    assert list(refused.value.fields) == ["bundle_sha256"]
