"""What plugins answer over HTTP, and what they cannot make the host answer."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio

PLUGIN = """
def on_activate(self, ctx):
    pass

@route("GET", "/echo")
@route("POST", "/echo")
@route("PUT", "/echo")
@route("PATCH", "/echo")
@route("DELETE", "/echo")
@route("GET", "/of/{name}/{rest}")
def echo(self, ctx, request):
    return {
        "method": request.method,
        "path": request.path,
        "params": dict(request.params),
        "query": dict(request.query),
        "headers": dict(request.headers),
        "body": request.body,
        "bytes": request.bytes and list(request.bytes),
    }

@route("GET", "/file/{kind}/{name}")
def file(self, ctx, request):
    kind = "/".join((request.params["kind"], request.params["name"]))
    body = "a,b" if kind == "text/csv" and request.query else bytes([0, 255]) if kind != "text/plain" else b"plain"
    return Response(body=body, content_type=None if kind == "none/none" else kind)

@route("POST", "/answer")
def answer(self, ctx, request):
    return Response(**request.body)

@route("GET", "/")
def root(self, ctx, request):
    return None

@route("GET", "/delete", permission="customers.delete")
def guarded(self, ctx, request):
    return "guarded"

@route("GET", "/count")
def count(self, ctx, request):
    return ctx.customers.count()

@route("GET", "/refuse")
def refuse(self, ctx, request):
    raise Refuse("Not today.", field="day")

@route("GET", "/half")
def half(self, ctx, request):
    return "half \\ud83d"

@route("GET", "/nan")
def nan(self, ctx, request):
    return [float("nan")]

@route("GET", "/raise")
def fail(self, ctx, request):
    raise ValueError("secret\\x1b[2J")

@before("customers.create")
def look(self, ctx, draft):
    if not draft["phone"]:
        raise Refuse("A phone number is needed.", field="phone")
    return draft | {"city": draft["city"].title()}
"""


@pytest.fixture
async def program(instance: Instance, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    """A program of somebody who is an employee; the plugin is installed."""
    bundle = await make_signed_plugin(pool, PLUGIN, permissions=["customers.read"])
    async with await instance.program() as admin:
        await admin.post("/api/trusted-keys", json={"publisher": "acme", "public_key": str(make_key().public_key)})
        await admin.post("/api/plugins", content=bundle, headers={"Content-Type": "application/octet-stream"})
    async with await instance.program(Role.EMPLOYEE) as program:
        program.base_url = "http://localhost/api/ext/acme.test/"
        yield program


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_request_reaches_the_plugin(program: httpx.AsyncClient, method: str) -> None:
    sent = {"some": ["json", 1, None]} if method in ("POST", "PUT", "PATCH") else None

    answer = await program.request(method, "echo?a=1&b=%20&a=2", json=sent)

    assert answer.status_code == 200
    told = answer.json()
    assert (told["method"], told["path"], told["params"]) == (method, "/echo", {})
    assert (told["query"], told["body"]) == ({"a": "2", "b": " "}, sent)


async def test_parameters_of_the_path_are_decoded(program: httpx.AsyncClient) -> None:
    answer = await program.get("of/Z%C3%BCrich/a%20b")

    assert answer.json()["params"] == {"name": "Zürich", "rest": "a b"}


async def test_a_plugin_sees_no_secret_of_who_asks(instance: Instance, program: httpx.AsyncClient) -> None:
    async with await instance.browser(Role.EMPLOYEE) as browser:
        answers = [
            await browser.get("/api/ext/acme.test/echo", headers={"X-Forwarded-For": "1.2.3.4"}),
            await program.get("echo"),
        ]

    for answer in answers:
        assert set(answer.json()["headers"]) <= {"accept", "accept-language", "user-agent", "content-type"}


@pytest.mark.parametrize(
    ("kind", "body", "seen"),
    [
        ("text/plain", b"text", "text"),
        ("text/plain; charset=utf-8", "Zürich".encode(), "Zürich"),
        ("text/csv", b"", None),
        ("application/json", b"[1]", [1]),
        ("application/vnd.x+json", b"null", None),
    ],
)
async def test_a_body_is_json_or_text(program: httpx.AsyncClient, kind: str, body: bytes, seen: object) -> None:
    answer = await program.post("echo", content=body, headers={"Content-Type": kind})

    assert answer.json()["body"] == seen


@pytest.mark.parametrize(
    ("kind", "body", "fields", "content"),
    [
        ("application/x-www-form-urlencoded", b"a=1&b=%C3%A4&a=2&csrf_token=x", {"a": "2", "b": "ä"}, None),
        ("application/x-www-form-urlencoded", b"", {}, None),
        ("application/octet-stream", b"\0\xff", None, [0, 255]),
        ("image/png", b"x" * 30_000, None, [120] * 30_000),
        ("multipart/form-data; boundary=x", b"--x--", None, list(b"--x--")),
    ],
)
async def test_a_form_arrives_as_its_fields_and_anything_else_as_bytes(
    program: httpx.AsyncClient, kind: str, body: bytes, fields: object, content: object
) -> None:
    answer = (await program.post("echo", content=body, headers={"Content-Type": kind})).json()

    assert (answer["body"], answer["bytes"]) == (fields, content)


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("text/plain", "text/plain; charset=utf-8", b"plain"),
        ("text/csv?as=text", "text/csv; charset=utf-8", b"a,b"),
        ("application/pdf", "application/pdf", b"\0\xff"),
        ("image/png", "image/png", b"\0\xff"),
        ("application/octet-stream", "application/octet-stream", b"\0\xff"),
        ("none/none", "application/octet-stream", b"\0\xff"),
    ],
)
async def test_bytes_are_answered_as_what_runs_in_no_browser(
    program: httpx.AsyncClient, path: str, kind: str, body: bytes
) -> None:
    answer = await program.get(f"file/{path}")

    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, body)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox; default-src 'none'" in answer.headers["content-security-policy"]
    assert ("attachment" in answer.headers.get("content-disposition", "")) == ("octet-stream" in kind)


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "text/javascript", "application/xml", "application/json"]
)
async def test_bytes_that_could_run_in_a_browser_are_the_plugins_failure(program: httpx.AsyncClient, kind: str) -> None:
    answer = await program.get(f"file/{kind}")

    assert (answer.status_code, answer.json()["code"]) == (502, "plugin.bad_result")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"\xff", 415),
        ("text/plain; charset=utf-16", b"x", 415),
        ("text/plain; charset=zlib", b"x", 415),
        ("application/json", b"{", 400),
        ("application/json", b"[" * 40 + b"]" * 40, 400),
        ("application/json", b'"' + b"x" * 300_000 + b'"', 413),
    ],
)
async def test_another_body_does_not_reach_it(program: httpx.AsyncClient, kind: str, body: bytes, status: int) -> None:
    answer = await program.post("echo", content=body, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert answer.json()["code"].split(".")[0] in ("request", "too_large")


@pytest.mark.parametrize(
    ("given", "status", "body"),
    [
        ({"body": "text", "status": 201}, 201, "text"),
        ({"body": None, "status": 200}, 200, None),
        ({"body": {"error": 1}, "status": 418}, 418, {"error": 1}),
        ({"body": [1.5, True], "status": 503}, 503, [1.5, True]),
    ],
)
async def test_an_answer_has_the_status_and_body_that_the_plugin_gives(
    program: httpx.AsyncClient, given: dict[str, Any], status: int, body: object
) -> None:
    answer = await program.post("answer", json=given)

    assert (answer.status_code, answer.json()) == (status, body)
    assert answer.headers["content-type"] == "application/json"


async def test_an_answer_without_content_has_none(program: httpx.AsyncClient) -> None:
    answer = await program.post("answer", json={"status": 204})

    assert (answer.status_code, answer.content) == (204, b"")


async def test_an_answer_has_the_headers_that_are_let_through(program: httpx.AsyncClient) -> None:
    headers = {
        "Cache-Control": "max-age=5",
        "ETag": '"1"',
        "Set-Cookie": "rbsm_session=x",
        "Content-Type": "text/html",
        "Content-Security-Policy": "none",
        "Location": "https://elsewhere.example",
        "Access-Control-Allow-Origin": "*",
        "X-Frame-Options": "ALLOWALL",
    }

    answer = await program.post("answer", json={"body": "<script>", "headers": headers})

    assert (answer.headers["cache-control"], answer.headers["etag"]) == ("max-age=5", '"1"')
    assert not {"set-cookie", "location", "access-control-allow-origin"} & set(answer.headers)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-security-policy"] == (
        "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize(
    "given",
    [
        {"status": 302},
        {"status": 101},
        {"status": 999},
        {"status": "200"},
        {"headers": {"ETag": "a\r\nSet-Cookie: b"}},
        {"headers": {"ETag": 1}},
        {"status": 204, "body": 1},
    ],
)
async def test_an_answer_that_is_none_is_the_plugins_failure(program: httpx.AsyncClient, given: dict[str, Any]) -> None:
    answer = await program.post("answer", json=given)

    assert (answer.status_code, answer.json()["code"]) == (502, "plugin.bad_result")
    assert "acme.test" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "status", "code", "place"),
    [
        ("delete", 403, "permission.denied", "customers.delete"),
        ("nowhere", 404, "plugin.no_such_route", "GET /nowhere"),
        ("refuse", 422, "plugin.refused", "day"),
        ("raise", 502, "plugin.raised", "test_plugin.py"),
        ("nan", 502, "plugin.bad_result", "acme.test"),
        ("half", 502, "plugin.bad_result", "acme.test"),
    ],
)
async def test_what_goes_wrong_is_told(
    program: httpx.AsyncClient, path: str, status: int, code: str, place: str
) -> None:
    answer = await program.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["place"].startswith(place)
    assert "\x1b" not in answer.text


async def test_a_method_that_a_path_does_not_answer_is_told(program: httpx.AsyncClient) -> None:
    answer = await program.post("refuse")

    assert (answer.status_code, answer.json()["code"]) == (405, "plugin.method_not_allowed")
    assert answer.headers["allow"] == "GET"


async def test_the_root_is_the_address_with_and_without_a_slash(program: httpx.AsyncClient) -> None:
    for address in ("/api/ext/acme.test", "/api/ext/acme.test/"):
        answer = await program.get(f"http://localhost{address}")
        assert (answer.status_code, answer.json()) == (200, None)


async def test_a_plugin_that_is_not_there_is_not_found(program: httpx.AsyncClient) -> None:
    answer = await program.get("http://localhost/api/ext/acme.other/echo")

    assert (answer.status_code, answer.json()["code"]) == (404, "plugin.not_active")


async def test_strangers_reach_no_plugin(instance: Instance, program: httpx.AsyncClient) -> None:
    async with instance.visitor() as stranger:
        answer = await stranger.get("/api/ext/acme.test/echo")

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")


async def test_a_page_of_another_site_cannot_make_a_plugin_act(instance: Instance, program: httpx.AsyncClient) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    browser.headers.pop("x-csrf-token")
    async with browser:
        answer = await browser.post("/api/ext/acme.test/echo", content=b"x", headers={"Content-Type": "text/plain"})

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.csrf")


async def test_a_plugin_may_not_more_than_who_asks_it(instance: Instance, program: httpx.AsyncClient) -> None:
    assert (await program.get("count")).json() == 0
    async with await instance.program(scopes=["customers.create"]) as narrow:
        answer = await narrow.get("/api/ext/acme.test/count")

    assert (answer.status_code, answer.json()["code"]) == (502, "plugin.raised")


async def test_a_hook_refuses_with_the_field_and_completes_what_it_lets_pass(program: httpx.AsyncClient) -> None:
    refused = await program.post("http://localhost/api/customers", json=a_customer())
    assert (refused.status_code, refused.json()["code"]) == (422, "plugin.refused")
    assert refused.json()["fields"] == {"phone": "A phone number is needed."}

    made = await program.post("http://localhost/api/customers", json=a_customer(phone="1", city="berlin"))
    assert (made.status_code, made.json()["city"]) == (201, "Berlin")


async def test_what_plugins_answer_is_described_to_those_who_are_signed_in(
    instance: Instance, program: httpx.AsyncClient
) -> None:
    described = (await program.get("http://localhost/api/openapi.json")).json()["paths"]
    async with instance.visitor() as visitor:
        known_to_all = (await visitor.get("/api/openapi.json")).json()["paths"]

    mine = {path: item for path, item in described.items() if path.startswith("/api/ext/acme.test")}
    assert set(mine["/api/ext/acme.test/echo"]) == {"get", "post", "put", "patch", "delete"}
    of = mine["/api/ext/acme.test/of/{name}/{rest}"]["get"]
    assert ([one["name"] for one in of["parameters"]], of["tags"]) == (["name", "rest"], ["acme.test"])
    assert "`customers.delete`" in mine["/api/ext/acme.test/delete"]["get"]["description"]
    assert "/api/ext/acme.test" in mine
    operations = [one["operationId"] for item in described.values() for one in item.values() if "operationId" in one]
    assert len(set(operations)) == len(operations)
    assert not any(path.startswith("/api/ext/acme") for path in known_to_all)


async def test_what_a_plugin_answered_is_described_no_more_when_it_is_off(
    instance: Instance, program: httpx.AsyncClient
) -> None:
    async with await instance.program() as admin:
        await admin.post("/api/plugins/acme.test/deactivate")
    described = (await program.get("http://localhost/api/openapi.json")).json()["paths"]

    assert not any(path.startswith("/api/ext/acme") for path in described)
