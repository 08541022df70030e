"""Licences of a real marketplace, held by a real instance: both sides of the protocol, and a plugin in between."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from rising_bsm.accounts import SYSTEM, Role
from rising_bsm.bundle import PublicKey
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.marketplace.licences.sales import Sold
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.held import HeldLicences
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.transport import LocalTransport
from rising_bsm.runtime import Cipher
from rising_bsm.sandbox import Pool
from support.database import open_database
from support.licences import SECRET
from support.market import make_market_plugin, make_market_version
from support.market_place import MarketPlace, Shopper, open_market, open_shopper
from support.people import make_user
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

PLUGIN = "acme.loyalty"
DRAFT = {"name": "Ada", "email": "ada@x.example"}
METHODS = """
@route("GET", "/")
def look(self, ctx, request):
    return [ctx.license.state, ctx.license.type, ctx.storage.get("told", 0)]

@before("customers.create")
def check(self, ctx, draft):
    if not draft.get("phone"):
        raise Refuse("A phone number is needed.")

def on_license_verified(self, ctx):
    ctx.storage.increment("told")
"""


@pytest.fixture
async def market(anyio_backend: str, tmp_path: Path) -> AsyncIterator[MarketPlace]:
    async with open_database() as database, open_market(database, tmp_path / "market") as opened:
        await opened.index.start()
        await make_market_plugin(database, PLUGIN)
        await make_market_version(database, PLUGIN)
        yield opened


def make_held(database: Database, market: MarketPlace) -> HeldLicences:
    cipher = Cipher(SECRET)
    identity = Identity(database, cipher)

    async def keys() -> list[PublicKey]:
        return [(await market.index.signing_key("license")).public_key]

    return HeldLicences(database, cipher, identity, MarketClient(LocalTransport(market.system), identity), keys)


@pytest.fixture
async def held(anyio_backend: str, market: MarketPlace) -> AsyncIterator[HeldLicences]:
    async with open_database() as database:
        yield make_held(database, market)


async def sell(market: MarketPlace, **draft: Any) -> Sold:
    return await market.selling.sales.sell(SYSTEM, {"plugin": PLUGIN, "holder": "Bakery"} | draft)


async def code(call: Any) -> str:
    with pytest.raises(Error) as caught:
        await call
    return caught.value.code


async def titles(database: Database) -> list[str]:
    """What people were told of, each once for every administrator."""
    async with database.reading() as session:
        return list((await session.execute(text("SELECT title FROM notifications"))).scalars())


async def state(held: HeldLicences) -> tuple[str, str] | None:
    found = await held.standing_of(PLUGIN)
    return (found.state.value, found.code) if found else None


async def test_activated_renewed_suspended_resumed_upgraded_revoked(market: MarketPlace, held: HeldLicences) -> None:
    sold = await sell(market, max_installs=2)
    sales, licence_id = market.selling.sales, sold.licence.id

    licensed = await held.activate(PLUGIN, sold.key.text)
    assert (licensed.standing.code, licensed.licence.max_installs) == ("VALID", 2)

    assert list((await held.beat()).renewed) == [PLUGIN]
    await sales.suspend(SYSTEM, licence_id, {"reason": "Not paid."})
    await held.beat()
    assert await state(held) == ("stopped", "SUSPENDED")
    await sales.resume(SYSTEM, licence_id, {"reason": "Paid."})
    await held.beat()
    assert await state(held) == ("ok", "VALID")
    await sales.upgrade(SYSTEM, licence_id, {"type": "enterprise"})
    await held.beat()
    licence = await held.licence_of(PLUGIN)
    assert licence is not None
    assert licence.type == "enterprise"
    await sales.revoke(SYSTEM, licence_id, {"reason": "Refunded."})
    await held.beat()
    assert await state(held) == ("stopped", "BANNED")


async def test_a_released_seat_is_free_for_another_instance(market: MarketPlace, held: HeldLicences) -> None:
    sold = await sell(market)
    async with open_database() as database:
        other = make_held(database, market)
        await held.activate(PLUGIN, sold.key.text)
        assert await code(other.activate(PLUGIN, sold.key.text)) == "license.too_many_machines"

        await held.release(PLUGIN)

        await other.activate(PLUGIN, sold.key.text)
        assert (await state(held), await state(other)) == (None, ("ok", "VALID"))


async def test_a_seat_that_was_moved_is_missed_with_the_next_heartbeat(market: MarketPlace, held: HeldLicences) -> None:
    sold = await sell(market)
    async with open_database() as database:
        other = make_held(database, market)
        await held.activate(PLUGIN, sold.key.text)

        await other.activate(PLUGIN, sold.key.text, move=True)
        await held.beat()

        found = await state(held)
        assert found is not None
        assert found[0] == "restricted"
        assert await state(other) == ("ok", "VALID")


async def test_a_trial_that_is_begun_again_ends_no_later(market: MarketPlace, held: HeldLicences) -> None:
    licensed = await held.trial(PLUGIN)
    assert (licensed.licence.type, licensed.standing.days_left) == ("trial", 14)
    assert list((await held.beat()).renewed) == [PLUGIN]

    await held.release(PLUGIN)

    again = await held.trial(PLUGIN)
    assert again.licence.expires_at == licensed.licence.expires_at


@pytest.fixture
async def shopper(pool: Pool, market: MarketPlace, tmp_path: Path) -> AsyncIterator[Shopper]:
    async with (
        open_database() as database,
        open_shopper(pool, database, tmp_path / "here", market.system) as opened,
    ):
        yield opened


async def test_a_paid_plugin_from_its_licence_to_its_end(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    paid = {"model": "paid", "trial_days": 14}
    await market.publish(await make_signed_plugin(pool, METHODS, pricing=paid))
    key, here = await market.sell(), shopper.instance

    await make_user(here.database, role=Role.ADMIN)
    done = await shopper.install(license_key=key)
    assert (done.state, done.problem) == ("done", None)
    assert (await here.ask())[:2] == ["ok", "basic"]
    told = (await here.ask())[2]
    assert await code(here.customers.create(SYSTEM, DRAFT)) == "plugin.refused"

    licence = await shopper.side.held.licence_of("acme.test")
    assert licence is not None
    await market.selling.sales.suspend(SYSTEM, licence.id, {"reason": "Not paid."})
    await shopper.side.held.beat()
    assert await code(here.ask()) == "license.stopped"
    await here.customers.create(SYSTEM, DRAFT)
    assert await titles(here.database) == ["The licence for acme.test needs you"]

    await market.selling.sales.resume(SYSTEM, licence.id, {"reason": "Paid."})
    await shopper.side.held.beat()
    assert await here.ask() == ["ok", "basic", told + 1]
    assert await code(here.customers.create(SYSTEM, DRAFT | {"email": "b@x.example"})) == "plugin.refused"


async def test_a_paid_plugin_that_nobody_paid_for_does_nothing(pool: Pool, shopper: Shopper) -> None:
    await shopper.instance.trust("acme")
    await shopper.instance.plugins.install(SYSTEM, await make_signed_plugin(pool, METHODS, pricing={"model": "paid"}))

    assert await code(shopper.instance.ask()) == "license.stopped"
    await shopper.instance.customers.create(SYSTEM, DRAFT)
