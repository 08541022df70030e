"""What a plugin asks is sent as it was asked, and what comes back is kept within limits."""

import gzip
import json
from dataclasses import replace

import pytest

from rising_bsm.errors import Error
from rising_bsm.runtime.egress import PluginEgress
from rising_bsm.runtime.limits import DEFAULT_LIMITS
from support.outside import Names, answer, fetch, make_egress, make_places, outside, redirect

pytestmark = pytest.mark.anyio


async def code_of(egress: PluginEgress, url: str, **request: object) -> str:
    with pytest.raises(Error) as refusal:
        await fetch(egress, url, **request)  # type: ignore[arg-type]  # whatever the test asks for
    assert refusal.value.place
    assert refusal.value.next_step
    return refusal.value.code


async def test_a_request_arrives_as_it_was_made() -> None:
    async with outside(x=answer(b'{"n": 1}', status=201, content_type="application/json", X_Rate="7")) as server:
        egress = make_egress(make_places(server.url(), methods=["POST"]))
        got = await fetch(
            egress, server.url("/x?q=%2f"), method="POST", headers={"authorization": "Bearer t"}, body=b"body"
        )
        head = server.seen[0].lower()
        assert server.seen[0].startswith("POST /x?q=%2F HTTP/1.1\r\n")
        for line in (f"host: outside.example:{server.port}", "authorization: bearer t", "content-length: 4"):
            assert head.count(f"\r\n{line}\r\n") == 1
        assert "\r\nuser-agent: rising-bsm/" in head
        assert "(acme.test)" in head
        assert head.endswith("\r\n\r\nbody")
        assert got.as_dict() == {
            "status": 201,
            "url": server.url("/x?q=%2F"),
            "headers": {"content-type": "application/json", "x-rate": "7"},
            "body": '{"n": 1}',
            "base64": False,
        }


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b"\xc3\xa4", "text/plain", "ä"),
        (b"\xe4", "text/plain; charset=ISO-8859-1", "ä"),
        (b"<a/>", "application/atom+xml", "<a/>"),
        (b"\xff", "text/plain", None),
        (b"x", "text/plain; charset=idna", None),
        (b"x", "image/png", None),
        (b"", "image/png", ""),
    ],
)
async def test_a_body_is_text_where_it_says_so_and_bytes_otherwise(body: bytes, kind: str, text: str | None) -> None:
    async with outside(x=answer(body, content_type=kind)) as server:
        got = (await fetch(make_egress(make_places(server.url())), server.url("/x"))).as_dict()
        assert got["base64"] == (text is None)
        if text is not None:
            assert got["body"] == text


async def test_cookies_and_hop_by_hop_headers_stay_outside() -> None:
    async with outside(x=answer(set_cookie="a=b", keep_alive="5", alt_svc="h3", etag="1")) as server:
        egress = make_egress(make_places(server.url()))
        assert (await fetch(egress, server.url("/x"))).headers == {"etag": "1"}
        await fetch(egress, server.url("/x"))
        assert "cookie" not in server.seen[1].lower()


async def test_a_method_that_the_manifest_does_not_name_is_refused() -> None:
    async with outside(x=answer()) as server:
        egress = make_egress(make_places(server.url(), methods=["GET"]))
        assert await code_of(egress, server.url("/x"), method="DELETE") == "http.not_allowed"
        assert server.seen == []


@pytest.mark.parametrize(
    ("status", "method", "follows"),
    [(302, "POST", "GET"), (303, "PUT", "GET"), (307, "POST", "POST"), (301, "HEAD", "HEAD")]
)  # fmt: skip
async def test_a_redirect_is_followed_as_the_standard_says(status: int, method: str, follows: str) -> None:
    async with outside(start=redirect("x", status), x=answer()) as server:
        egress = make_egress(make_places(server.url(), methods=[method, *({"GET"} - {method})]))
        body = b"" if method == "HEAD" else b"body"
        got = await fetch(egress, server.url("/start"), method=method, body=body, headers={"x-key": "k"})
        assert server.seen[1].startswith(f"{follows} /x ")
        assert server.seen[1].endswith("\r\n\r\nbody") == (follows == "POST")
        assert "x-key: k" in server.seen[1]
        assert got.target.path == "/x"


async def test_a_redirect_with_a_method_that_is_not_named_there_is_refused() -> None:
    async with outside(start=redirect("/x", 302), x=answer()) as server:
        egress = make_egress(make_places(server.url(), methods=["POST"]))
        assert await code_of(egress, server.url("/start"), method="POST") == "http.not_allowed"


async def test_nothing_that_says_who_asks_follows_a_redirect_to_another_origin() -> None:
    secrets = {"authorization": "Bearer t", "x-api-key": "k", "accept": "text/csv"}
    async with outside() as server:
        server.answers = {"/start": redirect(server.url("/x", "other.example")), "/x": answer()}
        egress = make_egress(make_places(server.url(), server.url(host="other.example")))
        await fetch(egress, server.url("/start"), headers=secrets)
        first, second = (head.lower() for head in server.seen)
        assert "bearer t" in first
        assert "x-api-key" in first
        assert "bearer t" not in second
        assert "x-api-key" not in second
        assert "accept: text/csv" in second
        assert f"host: other.example:{server.port}" in second


async def test_five_redirects_are_followed_and_no_more() -> None:
    async with outside() as server:
        server.answers = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)} | {"/6": answer(b"end")}
        egress = make_egress(make_places(server.url()))
        assert (await fetch(egress, server.url("/1"))).body == b"end"
        assert await code_of(egress, server.url("/0")) == "http.failed"


async def test_an_answer_that_is_too_large_is_cut_off() -> None:
    async with outside(x=answer(b"x" * 1_001), y=answer(b"x" * 1_000)) as server:
        limits = replace(DEFAULT_LIMITS, fetch_answer_bytes=1_000)
        egress = make_egress(make_places(server.url()), limits=limits)
        assert await code_of(egress, server.url("/x")) == "http.too_large"
        assert len((await fetch(egress, server.url("/y"))).body) == 1_000


async def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off() -> None:
    bomb, fitting = gzip.compress(b"\0" * 50_000_000), gzip.compress(b"\0" * 100_000)
    async with outside(x=answer(bomb, content_encoding="gzip"), y=answer(fitting, content_encoding="gzip")) as server:
        egress = make_egress(make_places(server.url()))
        assert len(bomb) < DEFAULT_LIMITS.fetch_answer_bytes
        assert await code_of(egress, server.url("/x")) == "http.too_large"
        assert (await fetch(egress, server.url("/y"))).body == b"\0" * 100_000


@pytest.mark.parametrize(
    "raw",
    [
        answer(b"not packed", content_encoding="gzip"),
        answer(gzip.compress(b"cut" * 99)[:-9], content_encoding="gzip"),
        answer(b"x", content_encoding="br"),
        answer(b"x", content_encoding="gzip, gzip"),
        b"nonsense\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxy",
        b"HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
    ids=range(10),
)
async def test_what_is_no_answer_has_its_code(raw: bytes) -> None:
    async with outside(x=raw) as server:
        assert await code_of(make_egress(make_places(server.url())), server.url("/x")) == "http.failed"


async def test_a_server_that_is_not_there_has_its_code() -> None:
    async with outside() as server:
        url = server.url("/x")
        places = make_places(server.url())
    assert await code_of(make_egress(places), url) == "http.failed"
    assert await code_of(make_egress(places, Names({})), url) == "http.failed"


async def test_a_server_that_never_answers_is_not_waited_for() -> None:
    async with outside() as server:
        assert await code_of(make_egress(make_places(server.url())), server.url("/x"), seconds=0.3) == "http.timeout"


async def test_the_limit_of_time_is_over_all_redirects() -> None:
    async with outside(start=redirect("/never")) as server:
        limits = replace(DEFAULT_LIMITS, fetch_seconds=0.3)
        egress = make_egress(make_places(server.url()), limits=limits)
        assert await code_of(egress, server.url("/start")) == "http.timeout"


async def test_a_plugin_has_so_many_requests_a_minute_and_redirects_count() -> None:
    async with outside(start=redirect("/x"), x=answer()) as server:
        limits = replace(DEFAULT_LIMITS, fetches_per_minute=3)
        egress = make_egress(make_places(server.url()), limits=limits)
        await fetch(egress, server.url("/start"))
        await fetch(egress, server.url("/x"))
        assert await code_of(egress, server.url("/x")) == "http.rate_limited"
        other = egress.egress.of("acme.other", egress.network)
        assert (await fetch(other, server.url("/x"))).status == 200


async def test_a_plugin_has_so_many_bytes_a_day() -> None:
    async with outside(x=answer(b"x" * 600)) as server:
        limits = replace(DEFAULT_LIMITS, fetch_bytes_per_day=1_000)
        egress = make_egress(make_places(server.url()), limits=limits)
        for _ in range(2):
            await fetch(egress, server.url("/x"))
        assert await code_of(egress, server.url("/x")) == "http.rate_limited"


async def test_what_comes_back_is_json() -> None:
    async with outside(x=answer(b"\xff", content_type="image/png")) as server:
        got = await fetch(make_egress(make_places(server.url())), server.url("/x"))
        assert json.loads(json.dumps(got.as_dict()))["body"] == "/w=="
