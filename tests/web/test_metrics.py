from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from support.runtime import PLUGIN, make_plugin
from support.web import Instance, a_customer, running

pytestmark = pytest.mark.anyio

METHODS = """
@route("GET", "/works")
def works(self, ctx, request):
    return ctx.storage.get("key")

@route("GET", "/fails")
def fails(self, ctx, request):
    raise ValueError("no")

@after("customers.create")
def handle(self, ctx, event):
    raise ValueError("no")
"""


@pytest.fixture
async def instance(pool: Pool, tmp_path: Path) -> AsyncIterator[Instance]:
    async with running(tmp_path, pool=pool) as instance:
        instance.services.runtime.attach(await make_plugin(pool, METHODS, grants={"customers.read"}))
        yield instance


async def numbers(client: httpx.AsyncClient) -> dict[str, float]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines if name.startswith("rising_bsm_")}


async def test_what_plugins_do_is_counted(instance: Instance) -> None:
    client = await instance.program()
    for path in ("works", "works", "fails"):
        await client.get(f"/api/ext/{PLUGIN}/{path}")

    found = await numbers(client)

    assert found[f'rising_bsm_plugin_calls_total{{kind="route",plugin="{PLUGIN}",status="ok"}}'] == 2
    assert found[f'rising_bsm_plugin_calls_total{{kind="route",plugin="{PLUGIN}",status="failed"}}'] == 1
    assert found[f'rising_bsm_plugin_host_calls_total{{plugin="{PLUGIN}"}}'] == 2
    assert found[f'rising_bsm_plugin_fuel_total{{plugin="{PLUGIN}"}}'] > 30_000
    assert found[f'rising_bsm_plugin_pauses{{plugin="{PLUGIN}"}}'] == 0
    assert found["rising_bsm_workers_alive"] >= 2
    assert (found["rising_bsm_calls_waiting"], found["rising_bsm_records_lost_total"]) == (0, 0)


async def test_requests_are_counted_by_route_and_never_by_what_was_sent(instance: Instance) -> None:
    client = await instance.program()
    for number in range(5):
        await client.get(f"/api/customers/00000000-0000-0000-0000-00000000000{number}")
        await client.get(f"/api/ext/acme.p{number}/path{number}")
        await client.get(f"/nowhere/{number}")
        await client.request(f"VERB{number}", "/api/customers")
    await client.post("/api/customers", json=a_customer())

    found = await numbers(client)

    counted = {name: value for name, value in found.items() if name.startswith("rising_bsm_request_seconds_count")}
    name = "rising_bsm_request_seconds_count"
    assert counted[f'{name}{{method="GET",route="/api/customers/{{customer_id}}",status="404"}}'] == 5
    assert counted[f'{name}{{method="POST",route="/api/customers",status="201"}}'] == 1
    assert not [one for one in counted if "VERB" in one or "nowhere" in one or "acme.p" in one]
    assert len(counted) <= 6


async def test_what_was_not_delivered_is_counted(instance: Instance) -> None:
    client = await instance.program()
    await client.post("/api/customers", json=a_customer())

    found = await numbers(client)

    assert found[f'rising_bsm_deliveries{{plugin="{PLUGIN}",status="waiting"}}'] == 1
    assert f'rising_bsm_deliveries_late_seconds{{plugin="{PLUGIN}"}}' in found


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EMPLOYEE])
async def test_only_those_who_may_see_numbers_do(instance: Instance, role: Role) -> None:
    answer = await (await instance.program(role)).get("/metrics")
    assert (answer.status_code, answer.json()["place"]) == (403, "metrics.read")
    assert (await instance.visitor().get("/metrics")).status_code == 401


async def test_a_token_for_numbers_alone_is_enough(instance: Instance) -> None:
    client = await instance.program(scopes=["metrics.read"])
    assert "rising_bsm_workers_alive" in await numbers(client)
    assert (await client.get("/api/customers")).status_code == 403
