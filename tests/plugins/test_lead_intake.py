"""Lead intake, installed from its folder, asks a register on loopback and makes leads of what it learns."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.requests import ServiceRequest
from rising_bsm.runtime import Business, Egress
from rising_bsm.runtime.egress.resolving import Networks
from rising_bsm.runtime.events.dispatcher import Dispatcher
from rising_bsm.sandbox import Pool
from support.database import open_database
from support.events import until
from support.outside import LOOPBACK, Names, Outside, answer, outside
from support.plugins import EXAMPLES, Instance, make_signed_example, open_plugins

pytestmark = pytest.mark.anyio

PLUGIN = "demo.lead-intake"
BAKERY = {"name": "Bakery Ltd", "street": "Mill Road 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}


@dataclass(frozen=True)
class Office:
    """An instance with the plugin, the register that it asks, and the business as people see it."""

    instance: Instance
    register: Outside
    business: Business

    async def receive(self, **fields: Any) -> ServiceRequest:
        """A service request comes in."""
        draft = {"name": "Ada Abel", "email": "ada@bakery.example", "service": "Roof"} | fields
        return await self.business.requests.create(SYSTEM, draft)

    async def handled(self, request: ServiceRequest) -> ServiceRequest:
        """The request, when the plugin has said something about one."""

        async def said() -> bool:
            return bool(await self.instance.plugins.log(SYSTEM, PLUGIN, 10))

        await until(said)
        return await self.business.requests.get(SYSTEM, request.id)


@asynccontextmanager
async def open_office(
    pool: Pool, folder: Path, register: Outside, *, allowed: Networks = LOOPBACK
) -> AsyncIterator[Office]:
    egress = Egress(allowed=allowed, resolve=Names({"register.localhost": [["127.0.0.1"]]}))
    async with (
        open_database() as database,
        open_plugins(pool, database, folder / "data", egress=egress) as instance,
        Dispatcher(database, instance.runtime, places=2),
    ):
        await instance.trust("demo")
        bundle = await make_signed_example(pool, "lead-intake", folder=example_at(folder / "examples", register.port))
        await instance.plugins.install(SYSTEM, bundle)
        yield Office(instance, register, Business.on(database, instance.hooks))


def example_at(folder: Path, port: int) -> Path:
    """A copy of the example whose register is at this port."""
    copytree(EXAMPLES / "lead-intake", folder / "lead-intake")
    for name in ("pyproject.toml", "src/lead_intake/__init__.py"):
        path = folder / "lead-intake" / name
        text = path.read_text()
        assert text.count(":8765/") == 1
        path.write_text(text.replace(":8765/", f":{port}/"))
    return folder


@pytest.fixture
async def office(pool: Pool, tmp_path: Path) -> AsyncIterator[Office]:
    async with outside() as register, open_office(pool, tmp_path, register) as office:
        register.answers = {
            "/v1/companies/bakery.example": answer(json.dumps(BAKERY).encode(), content_type="application/json"),
            "/v1/companies/unknown.example": answer(status=404),
        }
        yield office


async def test_a_request_from_a_company_becomes_a_lead(office: Office) -> None:
    request = await office.handled(await office.receive())

    customer = await office.instance.customers.get(SYSTEM, request.customer_id)
    assert request.status == "in_progress"
    assert (customer.company, customer.address, customer.city) == ("Bakery Ltd", "Mill Road 1", "Berlin")
    assert (customer.name, customer.email, customer.status) == ("Ada Abel", "ada@bakery.example", "lead")
    assert office.register.seen[0].startswith("GET /v1/companies/bakery.example HTTP/1.1\r\n")
    assert "ada" not in office.register.seen[0].lower()


async def test_a_request_of_a_company_that_nobody_knows_stays_as_it_is(office: Office) -> None:
    request = await office.handled(await office.receive(email="bo@unknown.example"))
    assert (request.status, request.customer_id) == ("new", None)
    assert await office.instance.customers.count(SYSTEM) == 0


async def test_private_mail_is_asked_of_nobody(office: Office) -> None:
    private = await office.receive(email="bo@gmail.com")
    await office.handled(await office.receive())
    assert len(office.register.seen) == 1
    assert (await office.business.requests.get(SYSTEM, private.id)).customer_id is None


async def test_what_the_plugin_may_reach_is_shown_with_its_reason(office: Office) -> None:
    (place,) = (await office.instance.plugins.get(SYSTEM, PLUGIN)).as_dict()["network"]
    assert (place["url"], place["methods"]) == (
        f"http://register.localhost:{office.register.port}/v1/companies/",
        ["GET"],
    )
    assert "nothing else" in place["reason"]


async def test_without_the_setting_it_is_not_let_to_this_machine(pool: Pool, tmp_path: Path) -> None:
    async with outside() as register, open_office(pool, tmp_path, register, allowed=()) as office:
        await office.handled(await office.receive())
        assert register.seen == []
        lines = await office.instance.plugins.log(SYSTEM, PLUGIN, 10)
        assert any("127.0.0.1, which no plugin is let at" in line.message for line in lines)
