"""Updates from the marketplace: found, compared, waited with, applied, and taken back when they fail."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.notifications.model import Notification
from rising_bsm.errors import Error
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.plugins.market.tables import PluginUpdate
from rising_bsm.sandbox import Pool
from support.market_place import MarketPlace, Shopper
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

ID = "acme.test"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return [ctx.plugin.version, ctx.storage.increment("n")]
"""
FAILING = """
@route("GET", "/")
def version(self, ctx, request):
    ctx.storage.increment("n")
    raise ValueError("no")
"""


async def make_version(pool: Pool, version: str, methods: str = PLUGIN, **changes: Any) -> bytes:
    return await make_signed_plugin(pool, methods, version=version, **changes)


async def installed(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    """Version 1.0.0 came from the marketplace."""
    await market.publish(await make_version(pool, "1.0.0"), released_at=LONG_AGO)
    assert (await shopper.install()).problem is None


async def the_update(shopper: Shopper) -> PluginUpdate:
    await shopper.side.updates.look()
    await shopper.side.updates.apply_due()
    [update] = await shopper.side.updates.list(SYSTEM)
    return update


async def told(shopper: Shopper) -> list[str]:
    async with shopper.instance.database.reading() as session:
        return [f"{one.title}: {one.message}" for one in (await session.scalars(select(Notification))).all()]


async def version(shopper: Shopper) -> str:
    return str((await shopper.instance.ask())[0])


async def test_what_asks_for_nothing_new_is_applied_after_its_cooldown(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await installed(pool, market, shopper)
    await market.publish(await make_version(pool, "1.1.0"))

    update = await the_update(shopper)

    assert (update.state, await version(shopper)) == ("cooling", "1.0.0")
    assert update.due_at == (update.released_at or LONG_AGO) + timedelta(hours=48)
    async with shopper.instance.database.transaction() as session:
        (await session.get_one(PluginUpdate, update.id)).due_at = LONG_AGO
    await shopper.side.updates.apply_due()
    assert await version(shopper) == "1.1.0"
    assert (await the_update_after(shopper)).state == "applied"
    assert "was updated" in (await told(shopper))[-1]


async def the_update_after(shopper: Shopper) -> PluginUpdate:
    [update] = await shopper.side.updates.list(SYSTEM)
    return update


async def test_a_security_fix_is_applied_at_once(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await installed(pool, market, shopper)
    await market.publish(await make_version(pool, "1.1.0"), security=True)
    assert ((await the_update(shopper)).state, await version(shopper)) == ("applied", "1.1.0")


MORE: list[dict[str, Any]] = [
    {"permissions": ["customers.read", "customers.update"]},
    {"network": [{"url": "https://api.example.com/", "methods": ["GET"], "reason": "To ask."}]},
]


@pytest.mark.parametrize("more", MORE)
async def test_what_asks_for_more_waits_for_somebody(
    pool: Pool, market: MarketPlace, shopper: Shopper, more: dict[str, Any]
) -> None:
    await installed(pool, market, shopper)
    await market.publish(await make_version(pool, "1.1.0", **more), released_at=LONG_AGO, security=True)

    update = await the_update(shopper)

    assert (update.state, await version(shopper)) == ("waiting", "1.0.0")
    asked = [*update.difference["permissions"]["new"], *update.difference["network"]["new"]]
    assert asked in (["customers.update"], ["https://api.example.com/"])
    assert update.difference["cost"]["unknown"]
    assert [asked[0] in one for one in await told(shopper)] == [True]
    await shopper.side.updates.look()
    assert len(await told(shopper)) == 1, "it is said once"

    refused = await shopper.acquisitions.ended((await shopper.side.updates.apply(SYSTEM, ID)).id)
    problem = refused.problem or {}
    assert problem["code"] == "plugins.new_permissions"
    accepted = list(problem["fields"])
    done = await shopper.acquisitions.ended((await shopper.side.updates.apply(SYSTEM, ID, accepted)).id)
    assert (done.problem, await version(shopper)) == (None, "1.1.0")


async def test_a_new_method_at_a_known_place_waits_too(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    """The index names hosts; that one asks for more there is found when the bundle is."""
    place = {"url": "https://api.example.com/", "reason": "To ask."}
    known = await make_version(pool, "1.0.0", network=[place | {"methods": ["GET"]}])
    await market.publish(known, released_at=LONG_AGO)
    await shopper.install()
    more = await make_version(pool, "1.1.0", network=[place | {"methods": ["GET", "POST"]}])
    await market.publish(more, released_at=LONG_AGO)

    assert ((await the_update(shopper)).state, await version(shopper)) == ("waiting", "1.0.0")


async def test_a_plugin_stays_where_it_is_pinned(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await installed(pool, market, shopper)
    with pytest.raises(Error) as refusal:
        await shopper.side.updates.pin(SYSTEM, ID, "0.9.0")
    assert refusal.value.code == "market.not_installed_version"
    await shopper.side.updates.pin(SYSTEM, ID, "1.0.0")
    await market.publish(await make_version(pool, "1.1.0"), released_at=LONG_AGO)
    assert ((await the_update(shopper)).state, await version(shopper)) == ("pinned", "1.0.0")

    await shopper.side.updates.pin(SYSTEM, ID, None)

    assert ((await the_update(shopper)).state, await version(shopper)) == ("applied", "1.1.0")


async def test_the_beta_channel_is_followed_by_who_chose_it(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await installed(pool, market, shopper)
    await market.publish(await make_version(pool, "1.1.0"), released_at=LONG_AGO, channel="beta")
    await shopper.side.updates.look()
    assert await shopper.side.updates.list(SYSTEM) == []

    await shopper.side.updates.pin(SYSTEM, ID, None, "beta")

    assert ((await the_update(shopper)).state, await version(shopper)) == ("applied", "1.1.0")


async def test_an_update_that_fails_is_not_tried_again_by_itself(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await installed(pool, market, shopper)
    broken = PLUGIN + "\ndef on_update(self, ctx, from_version):\n    1 / 0\n"
    await market.publish(await make_version(pool, "1.1.0", broken), released_at=LONG_AGO)
    assert ((await the_update(shopper)).state, await version(shopper)) == ("failed", "1.0.0")
    assert len(await shopper.acquisitions.newest(SYSTEM)) == 2

    assert (await the_update(shopper)).state == "failed"

    assert len(await shopper.acquisitions.newest(SYSTEM)) == 2
    await market.publish(await make_version(pool, "1.2.0"), released_at=LONG_AGO)
    assert ((await the_update(shopper)).state, await version(shopper)) == ("applied", "1.2.0")


async def test_what_keeps_failing_soon_after_an_update_is_taken_back_with_its_data(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await installed(pool, market, shopper)
    assert await shopper.instance.ask() == ["1.0.0", 1]
    await market.publish(await make_version(pool, "1.1.0", FAILING), released_at=LONG_AGO)
    await the_update(shopper)

    for _ in range(5):
        with pytest.raises(Error):
            await shopper.instance.ask()
    await shopper.instance.runtime.accounting.tick()

    assert await shopper.instance.ask() == ["1.0.0", 2]
    assert (await the_update(shopper)).state == "rolled_back"
    assert await version(shopper) == "1.0.0"
    assert "kept failing on GET /" in (await told(shopper))[-1]


async def test_what_fails_later_is_not_taken_back(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await installed(pool, market, shopper)
    await market.publish(await make_version(pool, "1.1.0", FAILING), released_at=LONG_AGO)
    await the_update(shopper)
    shopper.side.health._clock = lambda: datetime.now(UTC) + timedelta(minutes=11)

    assert not await shopper.side.health.tripped(ID, "on GET /")

    assert (await shopper.instance.plugins.get(SYSTEM, ID)).version == "1.1.0"


async def test_a_manual_rollback_is_not_undone_by_the_next_look(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await installed(pool, market, shopper)
    await market.publish(await make_version(pool, "1.1.0"), released_at=LONG_AGO)
    await the_update(shopper)
    await shopper.instance.plugins.rollback(SYSTEM, ID)
    assert ((await the_update(shopper)).state, await version(shopper)) == ("rolled_back", "1.0.0")


async def test_a_version_that_is_taken_back_is_off_at_once_unless_somebody_overrides_that(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    row = await market.publish(await make_version(pool, "1.0.0"), released_at=LONG_AGO)
    await shopper.install()
    await market.mark(row, VersionStatus.REVOKED, "It told everything to everybody.")
    await shopper.side.index.refresh()

    await shopper.side.advisories.look()

    shown = (await shopper.instance.plugins.get(SYSTEM, ID)).as_dict()
    assert (shown["state"], shown["problem"]["code"]) == ("inactive", "plugins.condemned")
    assert "It told everything" in (await told(shopper))[-1]
    with pytest.raises(Error) as refusal:
        await shopper.instance.plugins.activate(SYSTEM, ID)
    assert refusal.value.code == "plugins.condemned"
    await shopper.side.advisories.look()
    assert len(await told(shopper)) == 1

    await shopper.side.advisories.override(SYSTEM, ID)
    await shopper.instance.plugins.activate(SYSTEM, ID)
    await shopper.side.advisories.look()
    assert await version(shopper) == "1.0.0"
    await market.mark(row, VersionStatus.PUBLISHED)
    await shopper.side.index.refresh()
    await shopper.side.advisories.look()
    assert await shopper.side.advisories.list(SYSTEM) == []


async def test_a_heartbeat_says_so_too(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    row = await market.publish(await make_version(pool, "1.0.0"), released_at=LONG_AGO)
    await shopper.install()
    await shopper.side.held.beat()
    await market.mark(row, VersionStatus.SUSPENDED, "We look into it.")

    await shopper.side.held.beat()

    assert await shopper.instance.state() == "inactive"
    assert "We look into it." in (await told(shopper))[-1]


async def test_nobody_goes_back_to_a_version_that_was_taken_back(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    row = await market.publish(await make_version(pool, "1.0.0"), released_at=LONG_AGO)
    await shopper.install()
    await market.mark(row, VersionStatus.REVOKED, "No.")
    await shopper.side.index.refresh()
    await shopper.side.advisories.look()
    await market.publish(await make_version(pool, "1.1.0"), released_at=LONG_AGO)
    await the_update(shopper)
    await shopper.instance.plugins.activate(SYSTEM, ID)
    assert await version(shopper) == "1.1.0"

    with pytest.raises(Error) as refusal:
        await shopper.instance.plugins.rollback(SYSTEM, ID)

    assert refusal.value.code == "plugins.condemned"


async def test_nor_to_one_that_is_taken_back_while_it_is_kept(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    row = await market.publish(await make_version(pool, "1.0.0"), released_at=LONG_AGO)
    await shopper.install()
    await market.publish(await make_version(pool, "1.1.0"), released_at=LONG_AGO)
    await the_update(shopper)
    await market.mark(row, VersionStatus.REVOKED, "No.")
    await shopper.side.index.refresh()
    await shopper.side.advisories.look()

    with pytest.raises(Error) as refusal:
        await shopper.instance.plugins.rollback(SYSTEM, ID)

    assert refusal.value.code == "plugins.condemned"
    assert await version(shopper) == "1.1.0"


async def test_what_did_not_come_from_there_is_left_alone(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await shopper.instance.trust("acme")
    await shopper.instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    await market.publish(await make_version(pool, "1.1.0"), released_at=LONG_AGO)
    await shopper.side.updates.look()
    assert await shopper.side.updates.list(SYSTEM) == []
    with pytest.raises(Error) as refusal:
        await shopper.side.updates.pin(SYSTEM, ID, "1.0.0")
    assert refusal.value.code == "market.not_from_here"


async def test_everything_on_each_database(pool: Pool, market: MarketPlace, on_each_database: Shopper) -> None:
    shopper, paid = on_each_database, {"pricing": {"model": "paid", "trial_days": 14}}
    first = await market.publish(await make_version(pool, "1.0.0", **paid), released_at=LONG_AGO)
    assert (await shopper.install(license_key=await market.sell())).problem is None
    assert await shopper.instance.ask() == ["1.0.0", 1]
    await market.publish(await make_version(pool, "1.1.0", FAILING, **paid), released_at=LONG_AGO)
    assert (await the_update(shopper)).state == "applied"
    for _ in range(5):
        with pytest.raises(Error):
            await shopper.instance.ask()
    await shopper.instance.runtime.accounting.tick()
    assert await shopper.instance.ask() == ["1.0.0", 2]
    assert (await the_update(shopper)).state == "rolled_back"
    await market.mark(first, VersionStatus.REVOKED, "No.")
    await shopper.side.held.beat()
    assert await shopper.instance.state() == "inactive"
    await shopper.acquisitions.resume()
    await shopper.side.upkeep.look()
    await shopper.instance.plugins.uninstall(SYSTEM, ID, keep_data=True)
    assert await market.seats() == 0
    assert "plugin_snapshots" in await shopper.instance.remains()
    await shopper.instance.plugins.uninstall(SYSTEM, ID)
    assert set(await shopper.instance.remains()) <= {"acquisitions", "held_licences", "notifications"} | {
        name for name in shopper.instance.files() if name.startswith("market")
    }
