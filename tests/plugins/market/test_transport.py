"""Both ways to a marketplace; the one over HTTP against a server that may answer anything."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from rising_bsm.errors import Busy, Conflict, Error, NotFound
from rising_bsm.plugins.market.transport import ANSWER_BYTES, HttpTransport, LocalTransport, path_of
from support.market_place import MarketPlace

pytestmark = pytest.mark.anyio

Answer = Callable[[bytes], bytes]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[HttpTransport]:
    """A way to a server that answers each request with these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(await reader.readuntil(b"\r\n\r\n")))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    transport = HttpTransport(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield transport
    finally:
        await transport.close()
        server.close()


def said(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


REFUSALS: list[tuple[bytes, type[Error], str]] = [
    (said(409, b'{"code": "license.expired", "message": "It is over."}'), Conflict, "license.expired"),
    (said(404, b'{"code": "catalogue.no_plugin", "message": "No."}'), NotFound, "catalogue.no_plugin"),
    (said(404, b"<html>"), NotFound, "market.not_found"),
    (said(409, b'{"code": "Not a code!", "message": "No."}'), Conflict, "market.refused"),
    (said(409, b'["list"]'), Conflict, "market.refused"),
    (said(429, b'{"code": "rate_limited", "message": "Slowly."}'), Busy, "market.unreachable"),
    (said(503), Busy, "market.unreachable"),
    (said(302, Location="http://127.0.0.1:1/"), Conflict, "market.moved"),
    (said(200, b"no JSON"), Conflict, "market.strange_answer"),
    (said(200, b"[" * 100_000), Conflict, "market.strange_answer"),
    (b"SSH-2.0\r\n\r\n", Busy, "market.unreachable"),
    (b"", Busy, "market.unreachable"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", Busy, "market.unreachable"),
    (said(200, b" " * (ANSWER_BYTES + 1)), Conflict, "market.strange_answer"),
]


@pytest.mark.parametrize(("answer", "kind", "code"), REFUSALS)
async def test_whatever_it_answers_is_an_error_of_ours(answer: bytes, kind: type[Error], code: str) -> None:
    async with answering(lambda _request: answer) as transport:
        with pytest.raises(kind) as caught:
            await transport.ask("GET", "/plugins")
    assert caught.value.code == code


async def test_what_it_says_is_cut_to_a_bearable_length() -> None:
    body = json.dumps({"code": "license.expired", "message": "x" * 50_000, "next_step": "y" * 9_000}).encode()
    async with answering(lambda _request: said(409, body)) as transport:
        with pytest.raises(Error) as caught:
            await transport.ask("GET", "/plugins")
    assert (len(caught.value.message), len(caught.value.next_step or "")) == (2_000, 1_000)


async def test_nothing_answers() -> None:
    transport = HttpTransport("http://127.0.0.1:1")
    with pytest.raises(Busy):
        await transport.ask("GET", "/plugins")
    await transport.close()


@pytest.mark.parametrize("knows_ranges", [True, False])
async def test_a_download_begins_where_it_is_asked_to(knows_ranges: bool) -> None:
    data = bytes(range(256)) * 10

    def answer(request: bytes) -> bytes:
        assert b"accept-encoding: identity" in request.lower()
        if knows_ranges and b"range: bytes=1000-" in request.lower():
            return said(206, data[1_000:], Content_Range=f"bytes 1000-{len(data) - 1}/{len(data)}")
        return said(200, data)

    async with answering(answer) as transport:
        found = b"".join([chunk async for chunk in transport.stream("/blobs/x", start=1_000)])
    assert found == data[1_000:]


async def test_the_local_way_says_the_same(market: MarketPlace) -> None:
    local = LocalTransport(market.system)
    with pytest.raises(NotFound) as missing:
        [chunk async for chunk in local.stream("/index/99.root.json")]
    assert missing.value.code == "index.no_such_file"
    with pytest.raises(Error) as refused:
        await local.ask("POST", "/instance/activate", json={"payload": "none"})
    assert refused.value.code == "license.bad_document"
    root = b"".join([chunk async for chunk in local.stream("/index/1.root.json")])
    assert json.loads(root)["signed"]["_type"] == "root"


@pytest.mark.parametrize("part", ["../secret", "a/b", "x?y=z", "x#y", "%2e%2e"])
def test_a_path_leads_nowhere_else(part: str) -> None:
    assert set(path_of("blobs", part).removeprefix("/blobs/")).isdisjoint("/?#")
