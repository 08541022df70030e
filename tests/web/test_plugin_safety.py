from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import now
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.events import until
from support.plugins import make_signed_plugin
from support.runtime import PLUGIN
from support.web import Instance, a_customer, running

pytestmark = pytest.mark.anyio

METHODS = """
@route("GET", "/works")
def works(self, ctx, request):
    return 1

@route("GET", "/fails")
def fails(self, ctx, request):
    raise ValueError("no")

@before("customers.create")
def look(self, ctx, draft):
    if draft["city"] == "Nowhere":
        raise ValueError(draft["email"])

@after("customers.create")
def handle(self, ctx, event):
    ctx.storage.increment("handled")
    if not ctx.storage.get("healthy"):
        raise ValueError("not yet")
"""


@pytest.fixture
async def instance(pool: Pool, tmp_path: Path) -> AsyncIterator[Instance]:
    async with running(tmp_path, pool=pool) as instance:
        client, key = await instance.program(), await trust(instance)
        assert key == 201
        bundle = await make_signed_plugin(pool, METHODS)
        answer = await client.post("/api/plugins", content=bundle, headers={"Content-Type": "application/zip"})
        assert answer.status_code == 201, answer.text
        yield instance


async def trust(instance: Instance) -> int:
    key = {"publisher": "acme", "public_key": str(make_key().public_key)}
    return (await (await instance.program()).post("/api/trusted-keys", json=key)).status_code


async def asked(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(f"/api/plugins/{PLUGIN}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_calls_are_listed_with_what_they_took(instance: Instance) -> None:
    client = await instance.program()
    await client.get(f"/api/ext/{PLUGIN}/works")
    await client.get(f"/api/ext/{PLUGIN}/fails")
    await instance.services.runtime.accounting.tick()

    page = await asked(client, "/executions", kind="route")
    assert [item["status"] for item in page["items"]] == ["failed", "ok"]
    assert page["items"][0]["code"] == "plugin.raised"
    assert page["items"][1]["user_name"] == "Somebody"
    assert [item["entry"] for item in (await asked(client, "/executions", status="ok"))["items"]] == ["on GET /works"]

    first = await asked(client, "/executions", kind="route", limit=1)
    second = await asked(client, "/executions", kind="route", limit=1, before=first["next"])
    assert [page["items"][0]["status"] for page in (first, second)] == ["failed", "ok"]

    usage = await asked(client, "/usage")
    assert (usage["hour"]["calls"], usage["day"]["failures"]) == (2, 1)


async def test_a_query_that_is_wrong_names_the_field(instance: Instance) -> None:
    answer = await (await instance.program()).get(f"/api/plugins/{PLUGIN}/executions", params={"status": "nice"})
    assert (answer.status_code, answer.json()["code"]) == (422, "plugins.invalid_query")
    assert set(answer.json()["fields"]) == {"status"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/executions"),
        ("GET", "/usage"),
        ("GET", "/breaker"),
        ("PUT", "/breaker"),
        ("POST", "/breaker/reset"),
        ("PUT", "/hooks"),
    ],
)
async def test_only_those_who_manage_plugins_are_told_and_decide(instance: Instance, method: str, path: str) -> None:
    bodies = {"/breaker": {"mode": "off"}, "/hooks": {"customers.create": "open"}}
    client = await instance.program(Role.MANAGER)
    body = {"json": bodies[path]} if method == "PUT" else {}
    answer = await client.request(method, f"/api/plugins/{PLUGIN}{path}", **body)
    assert (answer.status_code, answer.json()["place"]) == (403, "plugins.manage")

    unknown = await (await instance.program()).request(method, f"/api/plugins/acme.other{path}", **body)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "plugins.not_found")


async def test_what_keeps_failing_pauses_until_an_administrator_resets_it(instance: Instance) -> None:
    client = await instance.program()
    for _ in range(5):
        assert (await client.get(f"/api/ext/{PLUGIN}/fails")).status_code == 502

    answer = await client.get(f"/api/ext/{PLUGIN}/fails")
    assert (answer.status_code, answer.json()["code"]) == (503, "plugin.paused")
    assert 25 < int(answer.headers["Retry-After"]) <= 30
    (entry,) = (await asked(client, "/breaker"))["entries"]
    assert (entry["entry"], entry["openings"]) == ("on GET /fails", 1)
    assert entry["paused_until"] > now().isoformat()

    assert (await client.post(f"/api/plugins/{PLUGIN}/breaker/reset")).json()["entries"] == []
    assert (await client.get(f"/api/ext/{PLUGIN}/fails")).status_code == 502


async def test_an_administrator_can_have_it_only_watched(instance: Instance) -> None:
    client = await instance.program()
    assert (await client.put(f"/api/plugins/{PLUGIN}/breaker", json={"mode": "monitor"})).json()["breaker"] == "monitor"
    for _ in range(8):
        assert (await client.get(f"/api/ext/{PLUGIN}/fails")).status_code == 502
    assert (await asked(client, ""))["breaker"] == "monitor"

    wrong = await client.put(f"/api/plugins/{PLUGIN}/breaker", json={"mode": "sometimes"})
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"mode"})


async def test_an_administrator_says_what_passes_when_a_hook_fails(instance: Instance) -> None:
    client = await instance.program()
    nowhere = {"city": "Nowhere"}
    assert (await client.post("/api/customers", json=a_customer(**nowhere))).status_code == 502

    chosen = await client.put(f"/api/plugins/{PLUGIN}/hooks", json={"customers.create": "open"})
    assert chosen.json()["hooks"] == {"customers.create": "open"}
    assert (await client.post("/api/customers", json=a_customer(**nowhere))).status_code == 201

    await client.put(f"/api/plugins/{PLUGIN}/hooks", json={"customers.create": "closed"})
    assert (await client.post("/api/customers", json=a_customer(**nowhere))).status_code == 502

    wrong = await client.put(f"/api/plugins/{PLUGIN}/hooks", json={"customers.delete": "open"})
    assert wrong.json()["fields"] == {"hooks.customers.delete": "The plugin has no such hook. It has customers.create."}


async def test_events_wait_while_their_handler_pauses_and_arrive_after_a_reset(instance: Instance) -> None:
    client, services = await instance.program(), instance.services
    for _ in range(12):
        await client.post("/api/customers", json=a_customer())

    async def paused() -> bool:
        items = (await asked(client, "/deliveries"))["items"]
        entries = (await asked(client, "/breaker"))["entries"]
        return bool(entries) and all(item["due_at"] > now().isoformat() for item in items)

    await until(paused)
    waiting = (await asked(client, "/deliveries"))["items"]
    assert len(waiting) == 12
    assert sum(item["attempts"] for item in waiting) == 5

    await Storage(services.database, PLUGIN).set("healthy", True)
    await client.post(f"/api/plugins/{PLUGIN}/breaker/reset")

    async def untried_ones_arrived() -> bool:
        return all(item["attempts"] for item in (await asked(client, "/deliveries"))["items"])

    await until(untried_ones_arrived)
