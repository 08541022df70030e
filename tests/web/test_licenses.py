"""The licences of an instance over HTTP; its own marketplace sells them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from rising_bsm.accounts import SYSTEM, Role
from rising_bsm.sandbox import Pool
from support.market import make_market_plugin, make_market_version
from support.web import Instance, running

pytestmark = pytest.mark.anyio

PLUGIN = "acme.loyalty"
WHERE = f"/api/licenses/{PLUGIN}"


@pytest.fixture
async def instance(tmp_path: Any, pool: Pool) -> AsyncIterator[Instance]:
    async with running(tmp_path, pool=pool) as opened:
        await make_market_plugin(opened.services.database, PLUGIN)
        await make_market_version(opened.services.database, PLUGIN)
        yield opened


@pytest.fixture
async def admin(instance: Instance) -> httpx.AsyncClient:
    return await instance.program(Role.ADMIN)


async def sell(admin: httpx.AsyncClient) -> dict[str, Any]:
    draft = {"plugin": PLUGIN, "holder": "Bakery", "type": "premium", "max_installs": 1}
    answer = await admin.post("/api/ext/rising-bsm.marketplace/licenses", json=draft)
    assert answer.is_success, answer.text
    sold: dict[str, Any] = answer.json()
    return sold


async def test_a_licence_from_its_key_to_its_release(admin: httpx.AsyncClient) -> None:
    sold = await sell(admin)

    answer = await admin.post(f"{WHERE}/activate", json={"key": sold["key"]})

    held = answer.json()
    assert (answer.status_code, held["state"], held["code"], held["type"]) == (200, "ok", "VALID", "premium")
    assert (held["plugin"], held["key_hint"], held["warnings"]) == (PLUGIN, sold["key"][-5:], [])
    assert sold["key"] not in answer.text + (await admin.get("/api/activity")).text
    assert (await admin.get("/api/licenses")).json() == {"items": [held]}
    assert (await admin.get(WHERE)).json() == held
    renewed = (await admin.post("/api/licenses/renew")).json()["items"]
    assert [one["state"] for one in renewed] == ["ok"]
    assert (await admin.post(f"{WHERE}/activate", json={})).status_code == 200
    assert (await admin.delete(WHERE)).status_code == 204
    assert (await admin.get(WHERE)).json()["code"] == "license.none"
    actions = [entry["action"] for entry in (await admin.get("/api/activity")).json()["items"]]
    assert {"licenses.activate", "licenses.release"} <= set(actions)


async def test_a_trial_over_http(admin: httpx.AsyncClient) -> None:
    held = (await admin.post(f"{WHERE}/trial")).json()

    assert (held["type"], held["days_left"], held["key_hint"]) == ("trial", 14, None)


async def test_a_revoked_licence_is_known_after_a_heartbeat(admin: httpx.AsyncClient, instance: Instance) -> None:
    sold = await sell(admin)
    await admin.post(f"{WHERE}/activate", json={"key": sold["key"]})
    await instance.services.market.selling.sales.revoke(SYSTEM, UUID(sold["id"]), {"reason": "Refunded."})

    [held] = (await admin.post("/api/licenses/renew")).json()["items"]

    assert (held["state"], held["code"], held["days_left"]) == ("stopped", "BANNED", 0)
    assert "revoked" in held["sentence"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"key": "RBSM"}, 422, "license.invalid_key"),
        ({"key": "RBSM-00000-00000-00000-00000-00000"}, 404, "license.not_found"),
        ({"key": 5}, 422, "license.invalid_activation"),
        ({"key": None, "move": "yes"}, 422, "license.invalid_activation"),
        ({"token": "x"}, 422, "license.invalid_activation"),
        ([], 422, "license.invalid_activation"),
        ({}, 404, "license.none"),
    ],
)
async def test_what_is_no_activation_is_refused(admin: httpx.AsyncClient, body: Any, status: int, code: str) -> None:
    answer = await admin.post(f"{WHERE}/activate", json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await admin.get("/api/licenses")).json() == {"items": []}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/licenses"),
        ("GET", WHERE),
        ("POST", "/api/licenses/renew"),
        ("POST", f"{WHERE}/activate"),
        ("POST", f"{WHERE}/trial"),
        ("DELETE", WHERE),
    ],
)
async def test_licences_are_for_those_who_manage_plugins(instance: Instance, method: str, path: str) -> None:
    manager = await instance.program(Role.MANAGER)

    answer = await manager.request(method, path, json={} if method == "POST" else None)

    assert (answer.status_code, answer.json()["place"]) == (403, "plugins.manage")
