"""Routes of plugins that answer people who are not signed in, and what strangers learn and reach by them."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.web import Instance

pytestmark = pytest.mark.anyio

PLUGIN = """
@route("POST", "/webhook", public=True)
@route("GET", "/webhook", public=True)
@route("GET", "/of/{name}", public=True)
def webhook(self, ctx, request):
    ctx.storage.increment("heard")
    ctx.events.emit("heard", {"body": request.body})
    return {"may": ctx.may("customers.read"), "body": request.body}

@after("acme.test:heard")
def heard(self, ctx, event):
    ctx.customers.create(name="Bakery", email=event.payload["body"]["email"])

@route("GET", "/of/us")
@route("POST", "/of/us")
def ours(self, ctx, request):
    return "ours"

@route("GET", "/customers", public=True)
def customers(self, ctx, request):
    return ctx.customers.count()

@route("GET", "/customers/tried", public=True)
def tried(self, ctx, request):
    asked = ("customers.list", "customers.create", "users.list", "notifications.list", "requests.count")
    return [getattr(answer, "code", "answered") for answer in ctx.batch([(name, {}) for name in asked])]

@route("POST", "/signed", public=True)
def signed(self, ctx, request):
    import hashlib, hmac
    wanted = hmac.new(b"key", request.bytes or b"", hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers.get("x-hub-signature-256", ""), wanted):
        raise Refuse("This was signed by somebody else.")
    return [sorted(request.headers), request.body]

@route("GET", "/refuse", public=True)
def refuse(self, ctx, request):
    raise Refuse("Not today.", field="day")

@route("GET", "/raise", public=True)
def fail(self, ctx, request):
    raise ValueError("our secret")

@route("POST", "/cached", public=True)
def cached(self, ctx, request):
    return Response({}, headers={"Access-Control-Allow-Origin": "*", "Set-Cookie": "a=b"})
"""
ASKED = ("customers.read", "customers.create", "users.read", "notifications.read", "requests.read")
BASE = "/api/ext/acme.test"


async def install(instance: Instance, pool: Pool, *, granted: bool = True, asked: Sequence[str] = ASKED) -> None:
    optional = [{"code": "routes.public", "reason": "A test needs it."}]
    bundle = await make_signed_plugin(pool, PLUGIN, permissions=asked, optional_permissions=optional)
    async with await instance.program() as admin:
        await admin.post("/api/trusted-keys", json={"publisher": "acme", "public_key": str(make_key().public_key)})
        grant = "?grant=routes.public" if granted else ""
        kind = {"Content-Type": "application/octet-stream"}
        answer = await admin.post(f"/api/plugins{grant}", content=bundle, headers=kind)
        assert answer.status_code == 201, answer.text


@pytest.fixture
async def stranger(instance: Instance, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in; the plugin is installed and may answer strangers."""
    await install(instance, pool)
    async with instance.visitor() as visitor:
        yield visitor


async def test_a_stranger_reaches_a_public_route(instance: Instance, stranger: httpx.AsyncClient) -> None:
    posted = await stranger.post(f"{BASE}/webhook", json={"email": "a@bakery.example"})
    read = await stranger.get(f"{BASE}/of/anything")

    assert (posted.status_code, posted.json()) == (200, {"may": False, "body": {"email": "a@bakery.example"}})
    assert (read.status_code, read.json()) == (200, {"may": False, "body": None})


async def test_what_a_stranger_sets_off_is_done_by_the_plugin_itself(
    instance: Instance, stranger: httpx.AsyncClient
) -> None:
    await stranger.post(f"{BASE}/webhook", json={"email": "a@bakery.example"})

    async with await instance.program() as admin:
        async with asyncio.timeout(20):
            while not (found := (await admin.get("/api/customers?search=bakery")).json())["total"]:
                pass
        who = (await admin.get("/api/activity")).json()["items"][0]
    assert [one["email"] for one in found["items"]] == ["a@bakery.example"]
    assert (who["user_name"], who["user_id"], who["plugin"]) == ("visitor", None, "acme.test")


def _told(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    shown = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    return answer.status_code, answer.json(), shown


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_what_is_not_for_strangers_looks_like_what_is_not_there(stranger: httpx.AsyncClient, method: str) -> None:
    absent = await stranger.request(method, "/api/ext/acme.absent/webhook", content=b"{")

    assert absent.status_code == 401
    for path in ("of/us", "nowhere", "", "of/us/", "of", "%2e%2e/webhook", "raise/../of/us"):
        answer = await stranger.request(method, f"{BASE}/{path}", content=b"{")
        assert _told(answer) == _told(absent), path


async def test_a_method_that_a_public_path_does_not_answer_looks_so_too(stranger: httpx.AsyncClient) -> None:
    absent = await stranger.put("/api/ext/acme.absent/webhook")

    assert _told(await stranger.put(f"{BASE}/webhook")) == _told(absent)
    assert _told(await stranger.options(f"{BASE}/webhook")) == _told(await stranger.options("/api/ext/acme.absent/x"))


async def test_without_the_grant_no_route_is_public(instance: Instance, pool: Pool) -> None:
    await install(instance, pool, granted=False)
    async with instance.visitor() as stranger, await instance.program(Role.EMPLOYEE) as employee:
        refused = await stranger.post(f"{BASE}/webhook", json={})
        absent = await stranger.post("/api/ext/acme.absent/webhook", json={})
        known = await employee.get(f"{BASE}/webhook")

    assert (refused.status_code, _told(refused)) == (401, _told(absent))
    assert known.status_code == 200


async def test_a_plugin_that_is_switched_off_answers_no_stranger(
    instance: Instance, stranger: httpx.AsyncClient
) -> None:
    async with await instance.program() as admin:
        await admin.post("/api/plugins/acme.test/deactivate")

    answer = await stranger.post(f"{BASE}/webhook", json={})

    assert _told(answer) == _told(await stranger.post("/api/ext/acme.absent/webhook", json={}))


async def test_nothing_that_takes_a_permission_is_done_for_strangers(
    instance: Instance, stranger: httpx.AsyncClient
) -> None:
    assert (await stranger.get(f"{BASE}/customers/tried")).json() == ["permission.denied"] * 5
    assert (await stranger.get(f"{BASE}/customers")).status_code == 502
    async with await instance.program(Role.EMPLOYEE) as employee:
        assert (await employee.get(f"{BASE}/customers")).json() == 0


async def test_strangers_are_told_what_a_plugin_refuses_and_not_how_it_failed(stranger: httpx.AsyncClient) -> None:
    refused, failed = await stranger.get(f"{BASE}/refuse"), await stranger.get(f"{BASE}/raise")

    assert (refused.status_code, refused.json()["message"]) == (422, "Not today.")
    assert (failed.status_code, failed.json()["code"]) == (502, "plugin.failed")
    assert "secret" not in failed.text
    assert "test_plugin.py" not in failed.text


async def test_a_plugin_can_check_who_signed_what_a_stranger_sends(
    instance: Instance, stranger: httpx.AsyncClient
) -> None:
    content = b'{"paid" : true}'
    headers = {
        "Content-Type": "application/json",
        "X-Hub-Signature-256": hmac.new(b"key", content, hashlib.sha256).hexdigest(),
        "Stripe-Signature": "t=1",
        "Webhook-Id": "1",
        "X-Csrf-Token": "1",
        "X-Forwarded-For": "192.0.2.9",
        "X-Request-Id": "1",
        "Cookie": "a=b",
        "Origin": "https://elsewhere.example",
    }

    answer = await stranger.post(f"{BASE}/signed", content=content, headers=headers)
    changed = await stranger.post(f"{BASE}/signed", content=content + b" ", headers=headers)
    async with await instance.program(Role.EMPLOYEE) as employee:
        known = await employee.post(f"{BASE}/signed", content=content, headers=headers)

    shown = {"stripe-signature", "webhook-id", "x-hub-signature-256"}
    assert answer.json() == [sorted({"accept", "content-type", "user-agent"} | shown), {"paid": True}]
    assert (changed.status_code, known.status_code) == (422, 422)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/octet-stream"])
async def test_a_body_of_any_kind_is_there_as_it_came(stranger: httpx.AsyncClient, kind: str) -> None:
    signature = hmac.new(b"key", b"a=%20", hashlib.sha256).hexdigest()
    headers = {"Content-Type": kind, "X-Hub-Signature-256": signature}

    assert (await stranger.post(f"{BASE}/signed", content=b"a=%20", headers=headers)).status_code == 200


async def test_strangers_cannot_make_a_plugin_pause(instance: Instance, stranger: httpx.AsyncClient) -> None:
    assert {(await stranger.get(f"{BASE}/raise")).status_code for _ in range(8)} == {502}
    assert instance.services.runtime.accounting.breakers.of("acme.test") == []


async def test_an_answer_to_a_stranger_is_kept_by_no_cache_and_read_by_no_other_page(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.post(f"{BASE}/cached", headers={"Origin": "https://elsewhere.example"})

    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert not {"access-control-allow-origin", "set-cookie"} & set(answer.headers)


async def test_one_network_asks_one_plugin_sixty_times_a_minute(
    instance: Instance, stranger: httpx.AsyncClient
) -> None:
    statuses = [(await stranger.get(f"{BASE}/refuse")).status_code for _ in range(61)]
    async with instance.visitor(address="192.0.2.8") as other, await instance.program(Role.EMPLOYEE) as employee:
        elsewhere, known = await other.get(f"{BASE}/refuse"), await employee.get(f"{BASE}/refuse")

    assert statuses == [422] * 60 + [429]
    assert (elsewhere.status_code, known.status_code) == (422, 422)


async def test_a_browser_that_does_not_prove_its_request_is_a_strangers(
    instance: Instance, stranger: httpx.AsyncClient
) -> None:
    async with await instance.browser(Role.EMPLOYEE) as browser:
        proved = await browser.post(f"{BASE}/webhook", json={})
        browser.headers["X-CSRF-Token"] = "0" * 64
        forged = await browser.post(f"{BASE}/webhook", json={})
        read = await browser.get(f"{BASE}/webhook")
        closed = await browser.post(f"{BASE}/of/us", json={})

    assert [answer.json()["may"] for answer in (proved, forged, read)] == [True, False, True]
    assert (closed.status_code, closed.json()["code"]) == (403, "auth.csrf")


async def test_a_token_that_is_none_is_refused_on_a_public_route_as_well(
    instance: Instance, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.get(f"{BASE}/webhook", headers={"Authorization": "Bearer rbsm_guess"})

    assert answer.status_code == 401


async def test_public_routes_are_described_as_such(instance: Instance, stranger: httpx.AsyncClient) -> None:
    async with await instance.program(Role.EMPLOYEE) as employee:
        paths = (await employee.get("/api/openapi.json")).json()["paths"]
    known_to_all = (await stranger.get("/api/openapi.json")).json()["paths"]

    assert paths[f"{BASE}/webhook"]["post"]["security"] == []
    assert "security" not in paths[f"{BASE}/of/us"]["get"]
    assert not any(path.startswith(BASE) for path in known_to_all)
