"""The examples do what their READMEs say, in the real sandbox on real customers."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.customers import Customer
from rising_bsm.db import uuid7
from rising_bsm.errors import InvalidInput, PermissionDenied
from rising_bsm.sandbox import PluginRefused, Pool
from support.database import open_database
from support.people import make_actor
from support.plugins import EXAMPLES, Instance, make_signed_example, open_plugins
from support.runtime import make_request

pytestmark = pytest.mark.anyio

COUNTER = "demo.visit-counter"


@pytest.fixture
async def examples(pool: Pool, tmp_path: Path) -> AsyncIterator[Instance]:
    """An instance with both examples."""
    async with open_database() as database, open_plugins(pool, database, tmp_path) as instance:
        await instance.trust("demo")
        for name in ("customer-care", "visit-counter"):
            await instance.plugins.install(SYSTEM, await make_signed_example(pool, name))
        yield instance


async def add(instance: Instance, **fields: Any) -> Customer:
    draft = {"name": "Ada Abel", "email": f"{uuid7()}@bakery.example", "phone": "+49 30 231250"} | fields
    return await instance.customers.create(SYSTEM, draft)


@pytest.mark.parametrize(
    ("phone", "country", "stored", "known"),
    [
        ("+49 30 231250", "", "+4930231250", "DE"),
        ("0049 30/23-12-50", "", "+4930231250", "DE"),
        ("+44 (0)20 7946 0012", "", "+442079460012", "GB"),
        ("030 / 23 12 50", "DE", "+4930231250", "DE"),
        ("+1 202 555 0123", "", "+12025550123", ""),
        ("+1 202 555 0123", "DE", "+12025550123", "DE"),
    ],
)
async def test_numbers_are_stored_in_international_form(
    examples: Instance, phone: str, country: str, stored: str, known: str
) -> None:
    customer = await add(examples, phone=phone, country=country)

    assert (customer.phone, customer.country) == (stored, known)


@pytest.mark.parametrize("phone", ["", "   ", "none", "030 231250", "+0 30 231250", "+49 1", "+49 " + "1" * 20, "112"])
async def test_a_customer_that_nobody_can_call_is_refused(examples: Instance, phone: str) -> None:
    with pytest.raises(PluginRefused) as refusal:
        await add(examples, phone=phone)

    assert list(refusal.value.fields) == ["phone"]
    assert await examples.customers.count(SYSTEM) == 0


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("berlin", "Berlin"),
        ("BAD HOMBURG", "Bad Homburg"),
        ("frankfurt am main", "Frankfurt am Main"),
        ("saint-étienne", "Saint-Étienne"),
        ("McAllen", "McAllen"),
        ("", ""),
    ],
)
async def test_cities_are_written_as_usual(examples: Instance, typed: str, stored: str) -> None:
    assert (await add(examples, city=typed)).city == stored


@pytest.mark.parametrize(
    ("email", "tags", "stored"),
    [
        ("a@bakery.example", [], ["bakery.example"]),
        ("a@bakery.example", ["vip", "bakery.example"], ["vip", "bakery.example"]),
        ("a@gmail.com", ["vip"], ["vip", "private mail"]),
        ("a@bakery.example", [str(number) for number in range(20)], [str(number) for number in range(20)]),
        (f"a@{'long.' * 12}example", [], [f"a@{'long.' * 12}example"[-40:]]),
    ],
)
async def test_the_mail_address_gives_a_tag(examples: Instance, email: str, tags: list[str], stored: list[str]) -> None:
    assert (await add(examples, email=email, tags=tags)).tags == stored


async def test_a_change_is_looked_at_like_a_new_customer(examples: Instance) -> None:
    customer = await add(examples)

    changed = await examples.customers.update(SYSTEM, customer.id, {"phone": "0049 40 1234567", "city": "hamburg"})
    assert (changed.phone, changed.city) == ("+49401234567", "Hamburg")
    with pytest.raises(InvalidInput):
        await examples.customers.update(SYSTEM, customer.id, {"phone": ""})


async def test_only_who_is_not_active_is_deleted(examples: Instance) -> None:
    customer = await add(examples)
    with pytest.raises(PluginRefused) as refusal:
        await examples.customers.delete(SYSTEM, customer.id)
    assert list(refusal.value.fields) == ["status"]

    await examples.customers.update(SYSTEM, customer.id, {"status": "inactive"})
    await examples.customers.delete(SYSTEM, customer.id)

    assert await examples.customers.count(SYSTEM) == 0


async def test_visits_are_counted_for_each_customer(examples: Instance) -> None:
    ada, bo = await add(examples, name="Ada"), await add(examples, name="Bo", status="inactive")
    for customer in (ada, bo, bo):
        counted = await _visits(examples, "POST", str(customer.id).upper())
    assert counted == (201, {"customer_id": str(bo.id), "visits": 2})

    assert await examples.ask("/visits", plugin=COUNTER) == {"visits": {str(ada.id): 1, str(bo.id): 2}}
    top = await examples.ask("/top", plugin=COUNTER)
    assert top == {"items": [{"name": "Bo", "visits": 2}, {"name": "Ada", "visits": 1}]}
    assert (await examples.ask("/top", plugin=COUNTER, query={"limit": "1"}))["items"] == top["items"][:1]

    await examples.customers.delete(SYSTEM, bo.id)
    assert await examples.ask("/top", plugin=COUNTER) == {"items": [{"name": "Ada", "visits": 1}]}
    assert await _visits(examples, "DELETE", str(bo.id)) == (204, None)
    assert (await _visits(examples, "DELETE", str(bo.id)))[0] == 404
    assert await examples.ask("/visits", plugin=COUNTER) == {"visits": {str(ada.id): 1}}


@pytest.mark.parametrize("customer_id", ["01900000-0000-7000-8000-000000000000", "nobody"])
async def test_nobody_is_counted_who_is_not_a_customer(examples: Instance, customer_id: str) -> None:
    status, body = await _visits(examples, "POST", customer_id)

    assert (status, "No visits" in body["message"]) == (404, True)
    assert await examples.ask("/visits", plugin=COUNTER) == {"visits": {}}


@pytest.mark.parametrize("limit", ["0", "51", "-1", "x", "1.5", "٣"])
async def test_a_limit_that_is_none_is_refused(examples: Instance, limit: str) -> None:
    with pytest.raises(PluginRefused):
        await examples.ask("/top", plugin=COUNTER, query={"limit": limit})


async def test_visits_are_for_those_who_may_see_customers(examples: Instance) -> None:
    with pytest.raises(PermissionDenied):
        await examples.ask("/visits", plugin=COUNTER, actor=make_actor(permissions=["customers.create"]))


@pytest.mark.parametrize("name", ["customer-care", "visit-counter"])
async def test_the_readme_names_each_route(pool: Pool, name: str) -> None:
    folder = EXAMPLES / name
    routes = re.findall(r'@route\("(\w+)", "([^"]+)"', "".join(path.read_text() for path in folder.rglob("*.py")))
    readme = (folder / "README.md").read_text()

    assert all(f"`{method} {path}" in readme for method, path in routes)


async def _visits(instance: Instance, method: str, customer_id: str) -> tuple[int, Any]:
    request = make_request(method=method, path=f"/visits/{customer_id}")
    answer = await instance.runtime.run_route(COUNTER, request, SYSTEM)
    return answer.status, answer.body
