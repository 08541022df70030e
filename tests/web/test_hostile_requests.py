"""Requests that nobody sends by accident: each gets its own clear refusal, and the next request works."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import anyio
import pytest

from rising_bsm.sandbox import Pool
from rising_bsm.web import requests
from rising_bsm.web.assets import address_of
from support.web import Instance, a_customer, running

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}
LIMIT = 256 * 1024


async def _post(instance: Instance, body: bytes | AsyncIterator[bytes], **headers: str) -> tuple[int, dict]:
    async with await instance.program() as program:
        answer = await program.post("/api/customers", content=body, headers=JSON | headers)
        assert (await program.get("/api/customers")).json()["total"] == 0
    return answer.status_code, answer.json()


async def test_a_body_over_the_limit_is_refused(instance: Instance) -> None:
    status, error = await _post(instance, b" " * (LIMIT + 1))
    assert (status, error["code"]) == (413, "too_large")


async def test_a_body_at_the_limit_is_looked_at(instance: Instance) -> None:
    status, _ = await _post(instance, b"{}" + b" " * (LIMIT - 2))
    assert status == 422


async def test_a_body_that_hides_its_length_is_refused_while_it_is_read(instance: Instance) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100 * LIMIT:
            read += 8192
            yield b" " * 8192

    status, error = await _post(instance, endless())
    assert (status, error["code"]) == (413, "too_large")


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_body_that_never_ends_is_not_waited_for(
    instance: Instance, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"x"
        await anyio.sleep_forever()

    monkeypatch.setattr(requests, "BODY_SECONDS", 0.01)
    async with instance.visitor() as stranger:
        headers = {"Content-Type": kind + "; boundary=x"}
        path = "/api/session" if "json" in kind else "/sign-in"
        answer = await stranger.post(path, content=stalled(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.too_slow")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"name": "A",}',
        b"{'name': 'A'}",
        b'{"name": NaN}',
        b'{"name": "\xff\xfe"}',
        b'{"name": "\\ud800"}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"\x00",
        b"\xef\xbb\xbf{}",
        b'{"name": "A"} {"name": "B"}',
    ],
)
async def test_malformed_json_is_named_as_such(instance: Instance, body: bytes) -> None:
    status, error = await _post(instance, body)
    assert (status, error["code"], error["place"]) == (400, "request.malformed", "body")


@pytest.mark.parametrize("depth", [33, 500, 1_000, 60_000])
@pytest.mark.parametrize(("begin", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
async def test_json_nested_too_deep_is_refused(instance: Instance, depth: int, begin: bytes, end: bytes) -> None:
    nested = (begin * depth + b"1" + end * depth)[:LIMIT]
    status, error = await _post(instance, nested)
    assert (status, error["code"]) == (400, "request.malformed")


async def test_json_nested_a_little_is_the_services_business(instance: Instance) -> None:
    status, error = await _post(instance, b'{"name": ' + b"[" * 31 + b"]" * 31 + b"}")
    assert (status, error["code"]) == (422, "customers.invalid")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"true"])
async def test_json_that_is_no_object_is_refused(instance: Instance, body: bytes) -> None:
    status, error = await _post(instance, body)
    assert (status, error["place"]) == (422, "body")


async def test_a_missing_body_is_named(instance: Instance) -> None:
    status, error = await _post(instance, b"")
    assert (status, error["place"]) == (422, "body")


async def test_fields_that_are_not_for_people_cannot_be_written(instance: Instance) -> None:
    async with await instance.program() as program:
        draft = a_customer(id="01a20397-5b04-76bc-b935-b462804b7f4f", version=7, created_at="2000-01-01T00:00:00Z")
        answer = await program.post("/api/customers", json=draft)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"id", "version", "created_at"}


@pytest.mark.parametrize("method", ["PUT", "TRACE", "CONNECT", "HEAD", "PROPFIND", "get", "X" * 300])
async def test_a_wrong_method_is_told_the_right_ones(instance: Instance, method: str) -> None:
    async with await instance.program() as program:
        request = program.build_request("GET", "/api/customers")
        request.method = method
        answer = await program.send(request)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:80", "[::1", "", "a@b"]
)
async def test_a_request_for_another_host_is_refused(instance: Instance, host: str) -> None:
    async with await instance.program() as program:
        answer = await program.get("/api/me", headers={"Host": host})
    assert answer.status_code == 400
    assert "request." in answer.json()["code"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "LOCALHOST", "[::1]:8000"])
async def test_this_machine_is_known_by_its_own_names(instance: Instance, host: str) -> None:
    async with await instance.program() as program:
        assert (await program.get("/api/me", headers={"Host": host})).status_code == 200


async def test_two_hosts_are_one_too_many(instance: Instance) -> None:
    async with await instance.program() as program:
        answer = await program.get("/api/me", headers=[("Host", "localhost"), ("Host", "localhost")])
    assert answer.status_code == 400


async def test_an_instance_with_an_address_of_its_own_is_known_by_that(tmp_path: Path, pool: Pool) -> None:
    known_as = {"base_url": "https://bsm.example.com", "host": "0.0.0.0"}
    async with running(tmp_path / "data", pool=pool, **known_as) as instance, await instance.program() as program:
        statuses = [
            (await program.get("/api/me", headers={"Host": host})).status_code
            for host in ("bsm.example.com", "127.0.0.1", "example.com")
        ]
    assert statuses == [200, 200, 400]


@pytest.mark.parametrize("value", ["x\r\nSet-Cookie: a=b", "x\nX-Evil: 1", "\r\n\r\n<script>", "%0d%0aX-Evil:1"])
async def test_nothing_that_was_sent_becomes_a_header_of_the_answer(instance: Instance, value: str) -> None:
    async with await instance.program() as program:
        paths = [f"/{quote(value)}", f"/api/customers/{quote(value)}"]
        answers = [await program.get(path) for path in paths]
        answers.append(await program.get("/api/me", headers={"X-Request-Id": value.encode()}))
        answers.append(await program.post("/api/customers", json=a_customer(name=value)))
        answers.append(await program.get("/api/customers", params={value: value, "search": value}))
    for answer in answers:
        assert "x-evil" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert "evil" not in answer.headers["x-request-id"].lower()
        assert answer.status_code < 500


async def test_strangers_are_let_in_only_so_often_and_others_are_not_kept_out(instance: Instance) -> None:
    async with instance.visitor() as stranger, await instance.program() as program:
        statuses = [(await stranger.get(address_of("app.css"))).status_code for _ in range(601)]
        refused = await stranger.get("/api/me")
        known = await program.get("/api/me")
    async with instance.visitor("198.51.100.4") as elsewhere:
        assert (await elsewhere.get(address_of("app.css"))).status_code == 200
    assert statuses == [200] * 600 + [429]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert known.status_code == 200


async def test_guessing_tokens_counts_as_being_a_stranger(instance: Instance) -> None:
    async with instance.visitor(Authorization="Bearer rbsm_guess") as guesser:
        statuses = [(await guesser.get("/api/me")).status_code for _ in range(601)]
    assert statuses == [401] * 600 + [429]


@pytest.mark.parametrize(
    "cookie", ["rbsm_session=" + "x" * 4_000, "rbsm_session=\udcff", "rbsm_session=../../x", "=;=;"]
)
async def test_a_strange_cookie_is_nobody(instance: Instance, cookie: str) -> None:
    async with instance.visitor() as browser:
        headers = {"Cookie": cookie.encode("utf-8", "surrogateescape")}
        assert (await browser.get("/api/me", headers=headers)).status_code == 401
