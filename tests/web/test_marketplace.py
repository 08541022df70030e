"""The marketplace over HTTP, through the door of the system plugin."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.catalogue import Shelf
from support.plugins import make_signed_plugin
from support.web import Instance, running

pytestmark = pytest.mark.anyio

AT = "/api/ext/rising-bsm.marketplace"
DATA = bytes(range(256)) * 4_000
DIGEST = hashlib.sha256(DATA).hexdigest()
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
ID = "rising-bsm.marketplace"


@pytest.fixture
async def shelf(instance: Instance) -> Shelf:
    """The marketplace has one bundle, with pictures."""
    market = instance.services.market
    await market.blobs.put(DATA)
    pictures = [(await market.blobs.put(data)).sha256 for data in (SVG, PNG)]
    found = Shelf(instance.services.database)
    blob = {"blob_sha256": DIGEST, "blob_size": len(DATA), "icon_sha256": pictures[0], "screenshots": pictures[1:]}
    await found.publish(tags=["greeting"], category="tools", installs=3, **blob)
    return found


@pytest.fixture
async def stranger(instance: Instance) -> AsyncIterator[httpx.AsyncClient]:
    async with instance.visitor() as visitor:
        yield visitor


async def get(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    return await client.get(f"{AT}{path}", headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_strangers_find_and_read_plugins(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    found = (await get(stranger, "/plugins?q=hell&category=tools&tag=greeting&host=0.1&limit=5&sort=installs")).json()
    assert ([item["id"] for item in found["items"]], found["next"]) == (["acme.hello"], None)
    detail = (await get(stranger, "/plugins/acme.hello")).json()
    assert (detail["installs"], detail["versions"][0]["blob_sha256"]) == (3, DIGEST)
    assert (await get(stranger, "/plugins/acme.hello/versions")).json()["items"] == detail["versions"]
    counts = {item["name"]: item["count"] for item in (await get(stranger, "/categories")).json()["items"]}
    assert counts["tools"] == 1
    await shelf.register("acme")
    assert (await get(stranger, "/publishers/acme")).json()["plugins"] == 1


async def test_pages_are_followed_over_http(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    for number in range(4):
        await shelf.publish(f"hello-{number}")
    first = (await get(stranger, "/plugins?q=hello&limit=3")).json()
    second = (await get(stranger, f"/plugins?q=hello&limit=3&cursor={first['next']}")).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)


NOT_THERE = [
    ("/plugins?limit=x", 422, "catalogue.invalid_query"),
    ("/plugins?cursor=x", 422, "catalogue.invalid_cursor"),
    ("/plugins?colour=red", 422, "catalogue.invalid_query"),
    ("/plugins/acme.other", 404, "catalogue.no_plugin"),
    ("/plugins/%00/versions", 404, "catalogue.no_plugin"),
    ("/publishers/nobody", 404, "catalogue.no_publisher"),
    (f"/blobs/{'0' * 64}", 404, "blobs.not_found"),
    ("/blobs/..%2F..%2Fsecret.key", 401, "auth.required"),
    ("/blobs/x", 404, "blobs.not_found"),
    ("/nothing", 401, "auth.required"),
]


async def test_what_there_is_not(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    for path, status, code in NOT_THERE:
        answer = await get(stranger, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_bundle_is_handed_out_for_caches(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    answer = await get(stranger, f"/blobs/{DIGEST}")
    assert (answer.status_code, answer.content) == (200, DATA)
    wanted = {
        "etag": f'"{DIGEST}"',
        "cache-control": "public, max-age=31536000, immutable",
        "accept-ranges": "bytes",
        "content-length": str(len(DATA)),
        "content-type": "application/octet-stream",
        "x-content-type-options": "nosniff",
    }
    assert {name: answer.headers[name] for name in wanted} == wanted
    assert "set-cookie" not in answer.headers


TAGS = ['"{}"', 'W/"{}"', '"x", "{}"', "*"]


async def test_who_has_it_already_gets_nothing(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    for tag in TAGS:
        answer = await get(stranger, f"/blobs/{DIGEST}", if_none_match=tag.format(DIGEST), range="bytes=0-1")
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == f'"{DIGEST}"'
        assert "immutable" in answer.headers["cache-control"]


RANGES = [("bytes=0-9", 0, 10), ("bytes=500000-", 500_000, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)]


async def test_a_download_is_continued(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    for asked, start, stop in RANGES:
        answer = await get(stranger, f"/blobs/{DIGEST}", range=asked, if_range=f'"{DIGEST}"')
        part, first = DATA[start:stop], start % len(DATA)
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{len(DATA)}"
        assert answer.headers["content-length"] == str(len(part))


NO_RANGES: list[dict[str, str]] = [
    {"range": "bytes=0-1,3-4"},
    {"range": "x"},
    {"range": "bytes=0-1", "if_range": '"x"'},
]


async def test_what_is_no_range_of_this_gets_all(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    for headers in NO_RANGES:
        answer = await get(stranger, f"/blobs/{DIGEST}", **headers)
        assert (answer.status_code, answer.content) == (200, DATA)


async def test_a_range_behind_the_end_is_refused(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    answer = await get(stranger, f"/blobs/{DIGEST}", range=f"bytes={len(DATA)}-")
    assert (answer.status_code, answer.json()["code"]) == (416, "blobs.range")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"
    assert answer.headers["cache-control"] == "no-store"


async def test_only_beginnings_of_downloads_are_counted(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    for headers in ({}, {"range": "bytes=9-"}, {"if_none_match": f'"{DIGEST}"'}, {"range": "bytes=9999999-"}, {}):
        await get(stranger, f"/blobs/{DIGEST}", **headers)
    assert (await get(stranger, "/plugins/acme.hello")).json()["downloads"] == 2


async def test_pictures_say_what_they_are_and_run_nothing(shelf: Shelf, stranger: httpx.AsyncClient) -> None:
    detail = (await get(stranger, "/plugins/acme.hello")).json()
    for sha256, kind, data in (
        (detail["icon_sha256"], "image/svg+xml", SVG),
        (detail["screenshots"][0], "image/png", PNG),
    ):
        answer = await get(stranger, f"/blobs/{sha256}")
        assert (answer.status_code, answer.content) == (200, data)
        assert answer.headers["content-type"].partition(";")[0] == kind
        assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("status", [VersionStatus.SUSPENDED, VersionStatus.REVOKED])
async def test_what_is_taken_back_is_not_handed_out(
    shelf: Shelf, stranger: httpx.AsyncClient, status: VersionStatus
) -> None:
    await shelf.become(status)
    assert (await get(stranger, f"/blobs/{DIGEST}")).status_code == 404
    assert (await get(stranger, "/plugins")).json() == {"items": [], "next": None}


async def test_a_blob_that_nobody_published_is_not_handed_out(instance: Instance, stranger: httpx.AsyncClient) -> None:
    await instance.services.market.blobs.put(DATA)
    await Shelf(instance.services.database).approve(blob_sha256=DIGEST, blob_size=len(DATA))
    assert (await get(stranger, f"/blobs/{DIGEST}")).status_code == 404


async def test_it_is_listed_among_the_plugins(instance: Instance) -> None:
    async with await instance.program() as admin, await instance.program(Role.MANAGER) as manager:
        [item] = (await admin.get("/api/plugins")).json()["items"]
        assert (item["id"], item["state"], item["system"]) == (ID, "active", True)
        assert {
            "method": "GET",
            "path": "/plugins",
            "handler": "search_plugins",
            "permission": None,
            "public": True,
        } in (item["exports"]["routes"])
        assert (await admin.get(f"/api/plugins/{ID}")).json() == item
        assert (await manager.get(f"/api/plugins/{ID}")).status_code == 403


DEEDS = [
    ("DELETE", ""),
    ("DELETE", "?force=true"),
    ("POST", "/deactivate"),
    ("POST", "/activate"),
    ("POST", "/rollback"),
]


async def test_it_stays_as_it_is(instance: Instance) -> None:
    for method, path in DEEDS:
        async with await instance.program() as admin:
            answer = await admin.request(method, f"/api/plugins/{ID}{path}")
            assert (answer.status_code, answer.json()["code"]) == (409, "plugins.system")
            assert (await get(admin, "/plugins")).status_code == 200


async def test_with_a_marketplace_elsewhere_there_is_none_here(tmp_path: Path, pool: Pool) -> None:
    url = "https://market.example.com"
    async with (
        running(tmp_path / "data", pool=pool, marketplace_url=url) as instance,
        await instance.program() as admin,
    ):
        for path in ("/plugins", f"/blobs/{DIGEST}", "/index/timestamp.json"):
            answer = await get(admin, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "marketplace.elsewhere")
            assert answer.json()["place"] == url
        assert not (tmp_path / "data" / "marketplace").exists()


PLUGIN = """
@route("POST", "/")
def hello(self, ctx, request):
    return len(str(request.body))
"""


async def test_only_system_plugins_take_large_bodies(instance: Instance, pool: Pool) -> None:
    body: dict[str, Any] = {"content": b'"' + b"x" * 300_000 + b'"', "headers": {"Content-Type": "application/json"}}
    async with await instance.program() as admin:
        key = {"publisher": "acme", "public_key": str(make_key().public_key)}
        await admin.post("/api/trusted-keys", json=key)
        bundle = await make_signed_plugin(pool, PLUGIN)
        installed = await admin.post("/api/plugins", content=bundle, headers={"Content-Type": "application/zip"})
        assert installed.status_code == 201
        assert (await admin.post("/api/ext/acme.test", **body)).status_code == 413
        assert (await admin.post(f"{AT}/submissions", **body)).status_code != 413
        body["content"] = b"x" * 21_000_000
        assert (await admin.post(f"{AT}/submissions", **body)).status_code == 413
