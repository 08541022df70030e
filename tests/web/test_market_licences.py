"""Licences and reviews over HTTP, with the marketplace of a running instance."""

from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.licensing import open_licence, open_sealed
from rising_bsm.licensing.documents import LICENCE
from rising_bsm.licensing.keys import LicenceKey
from support.market import make_market_plugin, make_market_version
from support.selling import PLUGIN, ThatInstance, plugin_report
from support.web import Instance

pytestmark = pytest.mark.anyio
MARKET = "/api/ext/rising-bsm.marketplace"
SALE = {"plugin": PLUGIN, "holder": "Example GmbH"}


async def stock(instance: Instance) -> None:
    await make_market_plugin(instance.services.database, PLUGIN)
    await make_market_version(instance.services.database, PLUGIN)


async def post(client: httpx.AsyncClient, path: str, body: Any) -> httpx.Response:
    return await client.post(MARKET + path, json=body)


async def ask(client: httpx.AsyncClient, who: ThatInstance, action: str, **fields: Any) -> httpx.Response:
    return await post(client, f"/instance/{action}", who.sign(action, fields))


async def test_a_licence_from_sale_to_release(instance: Instance) -> None:
    await stock(instance)
    operator, one = await instance.program(), ThatInstance()
    sale = await post(operator, "/licenses", SALE)
    assert sale.status_code == 201
    sold = sale.json()
    async with instance.visitor() as visitor:
        activated = await ask(visitor, one, "activate", plugin=PLUGIN, key=sold["key"])
        key = (await instance.services.market.index.signing_key("license")).public_key
        licence = open_licence(activated.json()["license"], [key], instance=one.signing.public_key, plugin=PLUGIN)
        beat = await ask(visitor, one, "heartbeat", plugins=[plugin_report()], licenses=[{"id": str(licence.id)}])
        fresh, _ = open_sealed(beat.json()["licenses"][0]["license"], [key], LICENCE)
        token = (await ask(visitor, one, "token", plugin=PLUGIN, version="1.0.0")).json()["token"]
        redeemed = await ask(visitor, one, "redeem", token=token)
        again = await ask(visitor, one, "redeem", token=token)
        await ask(visitor, one, "review", plugin=PLUGIN, user="ab" * 16, name="Ann", stars=5, text="<b>Good</b>")
        reviews = (await visitor.get(f"{MARKET}/plugins/{PLUGIN}/reviews")).json()["items"]
        shown = (await operator.get(f"{MARKET}/licenses/{sold['id']}")).json()
        released = await ask(visitor, one, "release", license=sold["id"])

    assert fresh["id"] == sold["id"]
    assert (redeemed.status_code, redeemed.json()["blob_sha256"]) == (200, "c" * 64)
    assert (again.status_code, again.json()["code"]) == (404, "token.refused")
    assert [(one["name"], one["stars"], one["text"]) for one in reviews] == [("Ann", 5, "<b>Good</b>")]
    assert (shown["seats"], len(shown["activations"])) == (1, 1)
    assert "key" not in shown
    assert (released.status_code, released.json()) == (200, {})
    assert (await operator.get(f"{MARKET}/licenses")).json()["items"][0]["seats"] == 0
    await operator.aclose()


CLOSED: list[tuple[str, str, Any]] = [
    ("GET", "/licenses", None),
    ("POST", "/licenses", SALE),
    ("GET", "/licenses/{id}", None),
    ("POST", "/licenses/{id}/suspend", {"reason": "x"}),
    ("POST", "/licenses/{id}/resume", {}),
    ("POST", "/licenses/{id}/revoke", {"reason": "x"}),
    ("POST", "/licenses/{id}/renew", {"expires_at": None}),
    ("POST", "/licenses/{id}/upgrade", {"max_installs": 9}),
    ("POST", "/reviews/{id}/reply", {"text": "x"}),
    ("POST", "/reviews/{id}/hide", {"reason": "x"}),
    ("POST", "/reviews/{id}/show", {}),
]


async def test_what_sellers_and_operators_do_is_not_for_others(instance: Instance) -> None:
    await stock(instance)
    operator = await instance.program()
    sold = (await post(operator, "/licenses", SALE)).json()
    others = [await instance.program(role) for role in (Role.MANAGER, Role.EMPLOYEE, Role.PUBLISHER)]
    async with instance.visitor() as visitor:
        for method, path, body in CLOSED:
            url = MARKET + path.format(id=sold["id"])
            assert (await visitor.request(method, url, json=body)).status_code == 401
            for other in others:
                answer = await other.request(method, url, json=body)
                # A publisher's own list is empty.
                assert answer.status_code in (403, 404) or answer.json() == {"items": [], "next": None}, path
    left = (await operator.get(f"{MARKET}/licenses/{sold['id']}")).json()
    assert (left["status"], left["max_installs"]) == ("active", 1)
    for client in (operator, *others):
        await client.aclose()


async def test_a_browser_needs_to_mean_it(instance: Instance) -> None:
    await stock(instance)
    user = await instance.add_user()
    async with instance.browser_with(await instance.services.sessions.open(user.id), csrf=False) as browser:
        assert (await post(browser, "/licenses", SALE)).json()["code"] == "auth.csrf"


async def test_guessing_is_answered_with_when_to_come_again(instance: Instance) -> None:
    await stock(instance)
    one = ThatInstance()
    async with instance.visitor() as visitor:
        answers = [await ask(visitor, one, "activate", plugin=PLUGIN, key=LicenceKey.new().text) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429]
    assert answers[-1].json()["code"] == "instance.too_many_attempts"
    assert 3500 < int(answers[-1].headers["retry-after"]) <= 3600


HOSTILE: list[tuple[bytes, int, str]] = [
    (b"", 422, "license.bad_document"),
    (b"{", 422, "request.malformed"),
    (b"[]", 422, "license.bad_document"),
    (b'{"payload": 1}', 422, "license.bad_document"),
    (b"[" * 100_000, 422, "request.malformed"),
    (b'"' + b"x" * 1024 * 1024 + b'"', 413, "too_large"),
]


async def test_what_is_no_request_of_an_instance(instance: Instance) -> None:
    headers = {"content-type": "application/json"}
    async with instance.visitor() as visitor:
        for action in ("activate", "heartbeat", "review"):
            for body, status, code in HOSTILE:
                answer = await visitor.post(f"{MARKET}/instance/{action}", content=body, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_ids_that_are_none(instance: Instance) -> None:
    async with await instance.program() as operator:
        answers = [
            await operator.get(f"{MARKET}/licenses/x"),
            await post(operator, "/licenses/x/suspend", {"reason": "x"}),
            await post(operator, "/reviews/x/show", {}),
            await operator.get(f"{MARKET}/licenses?cursor=x"),
        ]
    codes = ["license.not_found", "license.not_found", "review.not_found", "license.invalid_query"]
    assert [answer.json()["code"] for answer in answers] == codes
