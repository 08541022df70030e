"""The marketplace's side of licences without HTTP, and instances that ask it with keys of their own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import text

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.bundle import SigningKey
from rising_bsm.db import Database
from rising_bsm.licensing.content import wrap_public
from rising_bsm.licensing.licence import Licence, open_licence
from rising_bsm.licensing.requests import make_request
from rising_bsm.marketplace.instances.admission import Caller
from rising_bsm.marketplace.licences.sales import Sold
from rising_bsm.marketplace.selling import Selling
from rising_bsm.runtime import Cipher
from support.bundles import make_key
from support.database import open_database
from support.market import make_market_plugin, make_market_version

PLUGIN = "acme.loyalty"
LICENCE_KEY = make_key(150)
Verb = Callable[[Caller], Awaitable[Any]]
NONCE = "nonce-of-the-tests-0001"


@dataclass
class ThatInstance:
    """An instance with keys of its own, which counts its requests."""

    signing: SigningKey = field(default_factory=SigningKey.generate)
    wrapping: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    seq: int = 0

    @property
    def key(self) -> str:
        return str(self.signing.public_key)

    def sign(self, action: str, fields: Mapping[str, Any], *, seq: int | None = None) -> dict[str, Any]:
        """A signed request; the next one unless `seq` says otherwise."""
        self.seq += 1
        wrap_key, time = wrap_public(self.wrapping), datetime(2026, 1, 1, tzinfo=UTC)
        return make_request(action, fields, signing=self.signing, wrap_key=wrap_key, seq=seq or self.seq, time=time)

    def opened(self, envelope: object, plugin: str = PLUGIN) -> Licence:
        """The licence as this instance believes it; raises BadDocument."""
        return open_licence(envelope, [LICENCE_KEY.public_key], instance=self.signing.public_key, plugin=plugin)


@pytest.fixture
async def shop(anyio_backend: str) -> AsyncIterator["Shop"]:
    """A marketplace on SQLite, with a plugin that is paid for."""
    async with open_database() as database:
        yield await Shop(database).stocked()


@pytest.fixture
async def each_shop(database: Database) -> "Shop":
    """As `shop`, once on SQLite and once on PostgreSQL."""
    return await Shop(database).stocked()


class Shop:
    """A marketplace that sells licences of `acme.loyalty`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.cipher = Cipher(b"the secret of these tests")
        self.selling = Selling(database, self.cipher, _licence_key)

    async def stocked(self, **plugin: Any) -> "Shop":
        """The same, with the plugin and a version of it in the catalogue."""
        await make_market_plugin(self.database, PLUGIN, **plugin)
        await make_market_version(self.database, PLUGIN)
        return self

    async def sell(self, actor: Actor = SYSTEM, **draft: Any) -> Sold:
        return await self.selling.sales.sell(actor, {"plugin": PLUGIN, "holder": "Example GmbH"} | draft)

    async def ask(self, who: ThatInstance, action: str, network: str = "", /, **fields: Any) -> Any:
        """What the marketplace answers to a new request of the instance."""
        return await self.answer(who.sign(action, fields), action, network)

    async def answer(self, envelope: object, action: str, network: str = "") -> Any:
        """What the marketplace answers to a signed request, whoever sends it."""
        caller = await self.selling.instances.admit(envelope, action, network)
        verbs = {
            "activate": self.selling.leases.activate,
            "trial": self.selling.leases.trial,
            "release": self.selling.leases.release,
            "heartbeat": self.selling.heartbeats.beat,
            "token": self.selling.tokens.issue,
            "redeem": self.selling.tokens.redeem,
            "review": self.selling.reviews.write,
            "own-review": self.selling.reviews.own,
            "report-review": self.selling.reviews.report,
        }
        return await verbs[action](caller)

    async def admitted(self, who: ThatInstance, action: str, **fields: Any) -> Caller:
        """The instance with a request that waits to be answered."""
        return await self.selling.instances.admit(who.sign(action, fields), action)

    async def activate(self, who: ThatInstance, sold: Sold, **fields: Any) -> Licence:
        """The licence that the instance gets for the key."""
        return who.opened(await self.ask(who, "activate", plugin=PLUGIN, key=sold.key.text, **fields))

    async def beat(self, who: ThatInstance, *licences: object, plugins: Any = ()) -> dict[str, Any]:
        """What a heartbeat about these licences (ids) is answered with."""
        held = [{"id": str(one), "nonce": NONCE} for one in licences]
        answer: dict[str, Any] = await self.ask(who, "heartbeat", plugins=list(plugins), licenses=held)
        return answer

    async def said_of(self, who: ThatInstance, sold: Sold) -> str:
        """What a heartbeat says of one licence: `VALID`, or the code why not."""
        (told,) = (await self.beat(who, sold.licence.id))["licenses"]
        return str(told.get("code", "VALID"))


async def _licence_key() -> SigningKey:
    return LICENCE_KEY


async def at_once(shop: Shop, callers: Sequence[Caller], verb: Callable[[Selling], Verb]) -> list[Any]:
    """What the callers get from two processes of the marketplace, all at the same time: answers and exceptions."""
    async with second_process(shop) as other:
        verbs = (verb(shop.selling), verb(other.selling))
        attempts = [verbs[at_ % 2](caller) for at_, caller in enumerate(callers)]
        return await asyncio.gather(*attempts, return_exceptions=True)


@asynccontextmanager
async def second_process(shop: Shop) -> AsyncIterator[Shop]:
    """The same marketplace as another process would run it, with connections of its own; all of both are open."""
    database = Database(shop.database.url.render_as_string(hide_password=False))
    try:
        for one in (shop.database, database):
            # Opening a connection takes longer than what is to happen at once.
            await asyncio.gather(*(_touch(one) for _ in range(10)))
        yield Shop(database)
    finally:
        await database.close()


async def _touch(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))
        await asyncio.sleep(0)


def plugin_report(plugin_id: str = PLUGIN, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    """What an instance says of a plugin that it runs."""
    return {"id": plugin_id, "version": version, "state": "active", "calls": 0, "crashes": 0} | more
