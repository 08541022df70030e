from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import uuid7
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import Pool
from support.events import until
from support.runtime import PLUGIN, make_plugin
from support.web import Instance, a_customer, running

pytestmark = pytest.mark.anyio

HANDLES = """
@after("customers.create")
def handle(self, ctx, event):
    ctx.storage.increment("seen")
    if event.after["city"] == "Nowhere":
        raise ValueError(event.after["email"])
"""


@pytest.fixture
async def instance(pool: Pool, tmp_path: Path) -> AsyncIterator[Instance]:
    async with running(tmp_path, pool=pool) as instance:
        instance.services.runtime.attach(await make_plugin(pool, HANDLES, grants={"customers.read"}))
        yield instance


async def listed(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"/api/plugins/{PLUGIN}/deliveries", params=query)).json()["items"]
    return items


async def test_what_people_do_reaches_plugins_while_the_application_runs(instance: Instance) -> None:
    client = await instance.program()
    await client.post("/api/customers", json=a_customer())

    async def delivered() -> bool:
        return await listed(client) == [] and await stored(instance, "seen") == 1

    await until(delivered)


async def test_what_failed_is_shown_without_data_of_customers_and_can_be_dropped(instance: Instance) -> None:
    client = await instance.program()
    customer = (await client.post("/api/customers", json=a_customer(city="Nowhere"))).json()

    async def failed() -> bool:
        return [each["last_error"] is not None for each in await listed(client)] == [True]

    await until(failed)
    (shown,) = await listed(client, status="waiting")
    assert (shown["name"], shown["handler"], shown["plugin_id"]) == ("customers.create", "handle", PLUGIN)
    assert shown["entity_id"] == customer["id"]
    assert "payload" not in shown
    assert shown["last_error"]["code"] == "plugin.raised"

    address = f"/api/plugins/{PLUGIN}/deliveries/{shown['id']}"
    assert (await client.post(f"{address}/retry")).json()["code"] == "events.not_found"  # it is not dead
    assert (await client.delete(address)).status_code == 204
    assert await listed(client) == []
    assert (await client.delete(address)).json()["code"] == "events.not_found"


async def test_nobody_else_sees_or_changes_them(instance: Instance) -> None:
    client, address = await instance.program(Role.EMPLOYEE), f"/api/plugins/{PLUGIN}/deliveries"
    for request in (
        client.get(address),
        client.post(f"{address}/retry"),
        client.post(f"{address}/{uuid7()}/retry"),
        client.delete(f"{address}/{uuid7()}"),
    ):
        answer = await request
        assert (answer.status_code, answer.json()["place"]) == (403, "plugins.manage")


@pytest.mark.parametrize("query", [{"status": "lost"}, {"limit": "0"}, {"after": "x"}, {"colour": "red"}])
async def test_a_wrong_parameter_is_named(instance: Instance, query: dict[str, str]) -> None:
    answer = await (await instance.program()).get(f"/api/plugins/{PLUGIN}/deliveries", params=query)
    assert (answer.json()["code"], set(answer.json()["fields"])) == ("events.invalid_query", set(query))


async def stored(instance: Instance, key: str) -> Any:
    return (await Storage(instance.services.database, PLUGIN).get(key))["value"]
