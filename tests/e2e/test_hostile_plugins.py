"""A plugin that misuses all it has is ended in time, and nobody else notices."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.crowd import Crowd, crowd
from support.plugins import make_signed_plugin
from support.served import Served, served

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

SLOWEST_MS = 250
BYTES = {"Content-Type": "application/octet-stream"}
PLUGIN = """
@route("GET", "/fine")
def fine(self, ctx, request):
    return "fine"

@route("GET", "/loop")
def loop(self, ctx, request):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

@route("GET", "/sleep")
def sleep(self, ctx, request):
    time.sleep(3600)

@route("GET", "/fill")
def fill(self, ctx, request):
    kept = []
    while True:
        kept.append(bytearray(1_000_000))

@route("GET", "/recurse")
def recurse(self, ctx, request):
    return self.recurse(ctx, request)

@route("GET", "/raise")
def fail(self, ctx, request):
    raise KeyError("missing")

@route("GET", "/object")
def object(self, ctx, request):
    return {"set": {1, 2}}

@route("GET", "/flood")
def flood(self, ctx, request):
    while True:
        print("x" * 1000)
"""
ENDS = {
    "loop": "plugin.out_of_fuel",
    "sleep": "plugin.deadline",
    "fill": "plugin.out_of_memory",
    "recurse": "plugin.recursion",
    "raise": "plugin.raised",
    "object": "plugin.bad_result",
    "flood": "plugin.log_limit",
}


@dataclass(frozen=True)
class Watched:
    """A served instance with customers, a program that manages it, and a crowd that lists the customers meanwhile."""

    instance: Served
    program: httpx.AsyncClient
    seen: Crowd

    async def ask(self, path: str) -> tuple[int, Any]:
        answer = await self.program.get(f"/api/ext/acme.test/{path}")
        return answer.status_code, answer.json()


@asynccontextmanager
async def watched(data_dir: Path, *bundles: bytes, clients: int = 16) -> AsyncIterator[Watched]:
    """The instance with two workers; nobody of the crowd may fail or wait for too long."""
    async with AsyncExitStack() as stack:
        instance = stack.enter_context(served(data_dir, DEMO="yes", WORKERS="2"))
        with instance.browser() as browser:
            browser.post("/api/trusted-keys", json={"publisher": "acme", "public_key": str(make_key().public_key)})
            for bundle in bundles:
                assert browser.post("/api/plugins", content=bundle, headers=BYTES).status_code == 201
            token = browser.post("/api/tokens", json={"name": "crowd"}).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        client = httpx.AsyncClient(base_url=instance.url, headers=headers, timeout=120)
        program = await stack.enter_async_context(client)
        seen = await stack.enter_async_context(crowd(instance.port, "/api/customers", token, clients=clients))
        yield Watched(instance, program, seen)
    print(seen.summary())
    assert seen.failures == []
    assert seen.slowest_ms < SLOWEST_MS, seen.summary()


async def test_each_misuse_has_its_own_end_and_customers_are_listed_meanwhile(pool: Pool, tmp_path: Path) -> None:
    async with watched(tmp_path, await make_signed_plugin(pool, PLUGIN)) as running:
        for misuse, code in ENDS.items():
            # As many at once as there are workers, so that none is free for anybody else.
            for status, body in await asyncio.gather(running.ask(misuse), running.ask(misuse)):
                assert (status, body["code"]) == (502, code)
                assert body["message"].startswith(f"acme.test failed on GET /{misuse}: ")
            assert await running.ask("fine") == (200, "fine")


async def test_customers_are_listed_while_the_largest_bundle_is_installed(pool: Pool, tmp_path: Path) -> None:
    data = {f"code/data/{number}.bin": os.urandom(6_500_000) for number in range(3)}
    bundle = await make_signed_plugin(pool, PLUGIN, files=data)
    assert len(bundle) > 19_000_000

    async with watched(tmp_path, clients=4) as running:
        answer = await running.program.post("/api/plugins", content=bundle, headers=BYTES)
        assert (answer.status_code, answer.json().get("code")) == (201, None)
        assert await running.ask("fine") == (200, "fine")


async def test_clients_that_never_read_their_answers_keep_nobody_waiting(tmp_path: Path) -> None:
    async with watched(tmp_path, clients=4) as running, AsyncExitStack() as stack:
        authorization = running.program.headers["Authorization"]
        request = f"GET /api/customers HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\r\n"
        for _ in range(3):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.connect(("127.0.0.1", running.instance.port))
            # More answers than fit into all the buffers on the way, from more clients than are answered at once.
            deaf.sendall(request.encode() * 300)
        while len(running.seen.seconds) < 800:
            assert (await running.program.get("/api/customers")).status_code == 200
