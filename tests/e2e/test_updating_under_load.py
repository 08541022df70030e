"""A plugin is updated, rolled back, switched off and on while 16 clients work, and nobody loses a request by it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.served import Served, served

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

BYTES = {"Content-Type": "application/octet-stream"}
GUARD = """
@before("customers.create")
def look(self, ctx, draft):
    if not draft.get("phone"):
        raise Refuse("A customer needs a telephone number.", field="phone")
"""
OTHER = """
@route("GET", "/")
def hello(self, ctx, request):
    return "hello"
"""
UPDATES = 25
SWITCHES = 50
CLIENTS = 16


@dataclass(frozen=True)
class Answer:
    """What was asked, when, and the status of the answer."""

    what: str
    began: float
    ended: float
    status: int


@dataclass
class Seen:
    """All answers."""

    answers: list[Answer] = field(default_factory=list)

    def of(self, what: str) -> list[Answer]:
        return [answer for answer in self.answers if answer.what == what]


async def test_updates_and_switching_are_noticed_by_nobody_else(pool: Pool, tmp_path: Path) -> None:
    guards = [await make_signed_plugin(pool, GUARD, name="guard", version=version) for version in ("1.0.0", "1.0.1")]
    other = await make_signed_plugin(pool, OTHER, name="other")
    with served(tmp_path) as instance, instance.browser() as browser:
        browser.post("/api/trusted-keys", json={"publisher": "acme", "public_key": str(make_key().public_key)})
        for bundle in (guards[0], other):
            assert browser.post("/api/plugins", content=bundle, headers=BYTES).status_code == 201
        token = browser.post("/api/tokens", json={"name": "crowd"}).json()["token"]

        async with asyncio.timeout(120), crowd(instance, token) as seen:
            for _ in range(UPDATES):
                await change(browser, "update", content=guards[1], headers=BYTES)
                await change(browser, "rollback")
        assert_nothing_is_lost(seen)
        assert {answer.status for answer in seen.of("without")} == {422}, "the hook is never off"

        gaps = []
        async with asyncio.timeout(120), crowd(instance, token) as seen:
            for _ in range(SWITCHES):
                began = time.monotonic()
                await change(browser, "deactivate")
                await change(browser, "activate")
                gaps.append((began, time.monotonic()))
        assert_nothing_is_lost(seen)
        assert {answer.status for answer in seen.of("without")} <= {201, 422}
        guarded = [answer for answer in seen.of("without") if not during(answer, gaps)]
        assert {answer.status for answer in guarded} <= {422}, "on, it guards"

        unguarded = len([answer for answer in seen.of("without") if answer.status == 201])
        assert without_phone(browser) == unguarded
        assert instance.stop()[0] == 0


async def change(browser: httpx.Client, verb: str, **body: Any) -> None:
    answer = await asyncio.to_thread(browser.post, f"/api/plugins/acme.guard/{verb}", **body)
    assert answer.status_code == 200, answer.text


def assert_nothing_is_lost(seen: Seen) -> None:
    for what, status in (("other", 200), ("with", 201)):
        answers = seen.of(what)
        assert len(answers) > 25
        assert {answer.status for answer in answers} == {status}


def during(answer: Answer, gaps: list[tuple[float, float]]) -> bool:
    return any(answer.began <= end and answer.ended >= begin for begin, end in gaps)


def without_phone(browser: httpx.Client) -> int:
    customers: list[dict[str, Any]] = []
    while True:
        page = browser.get("/api/customers", params={"limit": 100, "offset": len(customers)}).json()
        customers += page["items"]
        if not page["items"]:
            return len([customer for customer in customers if not customer["phone"]])


@asynccontextmanager
async def crowd(instance: Served, token: str) -> AsyncIterator[Seen]:
    """Half of the clients ask the other plugin, a quarter each writes customers with and without what is required."""
    seen, numbers = Seen(), count()
    kinds = ["other"] * (CLIENTS // 2) + ["with", "without"] * (CLIENTS // 4)
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for kind in kinds:
            tasks.create_task(client(instance.port, token, kind, seen, numbers, stopping))
        try:
            yield seen
        finally:
            stopping.set()


async def client(port: int, token: str, what: str, seen: Seen, numbers: Any, stopping: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while not stopping.is_set():
            request = make_request(what, token, f"{what}-{time.monotonic_ns()}-{next(numbers)}@example.com")
            began = time.monotonic()
            writer.write(request)
            status = await answered(reader)
            seen.answers.append(Answer(what, began, time.monotonic(), status))
    finally:
        writer.close()


def make_request(what: str, token: str, email: str) -> bytes:
    if what == "other":
        line, body = "GET /api/ext/acme.other/ HTTP/1.1", b""
    else:
        phone = {"phone": "+4961722312"} if what == "with" else {}
        line, body = "POST /api/customers HTTP/1.1", json.dumps({"name": "Ada", "email": email} | phone).encode()
    lines = (line, "Host: localhost", f"Authorization: Bearer {token}", "Content-Type: application/json")
    return "\r\n".join((*lines, f"Content-Length: {len(body)}", "", "")).encode() + body


async def answered(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(line.partition(":")[2] for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(int(length))
    return int(head.split(" ", 2)[1])
