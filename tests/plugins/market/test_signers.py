"""Whoever has the marketplace and the publisher's account there, but not the publisher's key, gets nowhere alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.notifications.model import Notification
from rising_bsm.plugins.keys import TrustedKeys
from rising_bsm.plugins.market.index import Listing
from rising_bsm.plugins.market.tables import PluginUpdate
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.market_place import MarketPlace, Shopper
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

ID = "acme.test"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OLD, NEW = make_key(), make_key(7)
CODE = f"key:{NEW.public_key.key_id}"
PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return ctx.plugin.version
"""


async def installed(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    """Version 1.0.0 came from the marketplace, signed with the old key."""
    await market.publish(await make_signed_plugin(pool, PLUGIN, version="1.0.0"), released_at=LONG_AGO)
    assert (await shopper.install()).problem is None


async def hostile(pool: Pool, market: MarketPlace, version: str = "1.1.0") -> None:
    """The index lists a version, in a hurry, that the new key has signed."""
    bundle = await make_signed_plugin(pool, PLUGIN, version=version, key=NEW)
    await market.publish(bundle, key=NEW, released_at=LONG_AGO, security=True)


async def the_update(shopper: Shopper) -> PluginUpdate:
    await shopper.side.updates.look()
    await shopper.side.updates.apply_due()
    [found] = await shopper.side.updates.list(SYSTEM)
    return found


async def problem_of(shopper: Shopper, *accepted: str) -> dict[str, Any]:
    row = await shopper.side.updates.apply(SYSTEM, ID, accepted)
    return (await shopper.acquisitions.ended(row.id)).problem or {}


async def told(shopper: Shopper) -> list[str]:
    async with shopper.instance.database.reading() as session:
        return [one.message for one in (await session.scalars(select(Notification))).all()]


async def trusted(shopper: Shopper) -> set[str]:
    async with shopper.instance.database.reading() as session:
        return {key.key_id for key in await TrustedKeys(session).all()}


async def test_what_another_key_has_signed_waits_for_somebody(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await installed(pool, market, shopper)
    await hostile(pool, market)

    found = await the_update(shopper)

    assert (found.state, await shopper.instance.ask()) == ("waiting", "1.0.0")
    assert found.difference["key"] == {"publisher": "acme", "installed": OLD.public_key.key_id, "new": [CODE]}
    assert [CODE in one for one in await told(shopper)] == [True]
    problem = await problem_of(shopper)
    assert (problem["code"], list(problem["fields"])) == ("plugins.new_permissions", [CODE])
    assert all(part in problem["fields"][CODE] for part in ("acme", NEW.public_key.key_id, OLD.public_key.key_id))
    assert (await the_update(shopper)).state == "waiting"
    assert await trusted(shopper) == {OLD.public_key.key_id}, "nothing is left of the key"


async def test_it_is_installed_once_somebody_has_accepted_the_key(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await installed(pool, market, shopper)
    await hostile(pool, market)
    await the_update(shopper)

    assert await problem_of(shopper, f"key:{OLD.public_key.key_id}") != {}, "another key was accepted"
    assert await problem_of(shopper, CODE) == {}

    assert await shopper.instance.ask() == "1.1.0"
    await hostile(pool, market, "1.2.0")
    assert (await the_update(shopper)).state == "applied", "the key has been accepted, and signs what comes next"
    assert await shopper.instance.ask() == "1.2.0"


async def lie(market: MarketPlace, shopper: Shopper, **lies: Any) -> None:
    """The index says something else of version 1.1.0 than it did."""
    await shopper.side.index.refresh()
    listed = await shopper.side.index.find(ID, "1.1.0")
    assert listed is not None
    assert (listed.key_id, listed.publisher_keys) == (NEW.public_key.key_id, (str(NEW.public_key),))
    said = Listing.model_validate(listed.model_dump() | lies)
    await market.index.put_all([(said, listed.blob_sha256, listed.blob_size)])


@pytest.mark.parametrize("said", [None, OLD.public_key.key_id], ids=["nothing", "the old key"])
async def test_an_index_that_lies_about_who_has_signed_wins_nothing(
    pool: Pool, market: MarketPlace, shopper: Shopper, said: str | None
) -> None:
    await installed(pool, market, shopper)
    await hostile(pool, market)
    await lie(market, shopper, key_id=said, publisher_keys=(str(OLD.public_key), str(NEW.public_key)))

    found = await the_update(shopper)

    assert (found.state, await shopper.instance.ask()) == ("waiting", "1.0.0")
    assert CODE in (await told(shopper))[-1]
    assert found.problem is not None
    assert list(found.problem["fields"]) == [CODE]
    for again in (found, await the_update(shopper)):
        assert again.difference["key"]["new"] == [CODE], "it is told from then on"


async def test_an_index_of_before_does_not_say_who_has_signed(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    """With the old key gone from its list, that there is another one is known all the same."""
    await installed(pool, market, shopper)
    await hostile(pool, market)
    await lie(market, shopper, key_id=None)
    assert (await the_update(shopper)).difference["key"]["new"] == [CODE]


async def test_a_key_that_a_person_has_trusted_needs_nobody(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await installed(pool, market, shopper)
    await shopper.instance.trust("acme", key=NEW)
    await hostile(pool, market)
    assert ((await the_update(shopper)).state, await shopper.instance.ask()) == ("applied", "1.1.0")


async def test_nor_is_a_key_believed_because_another_plugin_has_brought_it(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    """The new key came with another plugin of the same publisher."""
    await installed(pool, market, shopper)
    other = await make_signed_plugin(pool, PLUGIN, name="other", key=NEW)
    await market.publish(other, key=NEW, released_at=LONG_AGO)
    assert (await shopper.install("acme.other")).problem is None
    assert await trusted(shopper) == {OLD.public_key.key_id, NEW.public_key.key_id}
    await hostile(pool, market)
    assert ((await the_update(shopper)).state, await shopper.instance.ask()) == ("waiting", "1.0.0")

    async with shopper.instance.database.transaction() as session:
        await session.execute(update(PluginUpdate).values(state="cooling", due_at=LONG_AGO))
    await shopper.side.updates.apply_due()

    assert ((await the_update(shopper)).state, await shopper.instance.ask()) == ("waiting", "1.0.0")
