from collections.abc import AsyncIterator

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.bundle import BundleLimits
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.web import Instance

pytestmark = pytest.mark.anyio

BYTES = {"Content-Type": "application/octet-stream"}
KEY = {"publisher": "acme", "public_key": str(make_key().public_key)}
PLUGIN = """
@route("GET", "/")
def hello(self, ctx, request):
    ctx.log.info("asked")
    return "hello"
"""


@pytest.fixture
async def admin(instance: Instance) -> AsyncIterator[httpx.AsyncClient]:
    """A program of an administrator who trusts acme."""
    async with await instance.program() as program:
        assert (await program.post("/api/trusted-keys", json=KEY)).status_code == 201
        yield program


async def test_from_a_trusted_key_to_an_answer_and_back_to_nothing(admin: httpx.AsyncClient, pool: Pool) -> None:
    installed = await admin.post("/api/plugins", content=await make_signed_plugin(pool, PLUGIN), headers=BYTES)
    assert (installed.status_code, installed.json()["state"]) == (201, "active")
    assert await _installed(admin) == [installed.json()]
    assert (await admin.get("/api/plugins/acme.test")).json() == installed.json()
    assert (await admin.get("/api/ext/acme.test")).json() == "hello"

    off = await admin.post("/api/plugins/acme.test/deactivate")
    assert (off.status_code, off.json()["state"]) == (200, "inactive")
    assert (await admin.get("/api/ext/acme.test")).status_code == 404
    on = await admin.post("/api/plugins/acme.test/activate")
    assert (on.status_code, on.json()["state"]) == (200, "active")

    [line] = (await admin.get("/api/plugins/acme.test/log")).json()["items"]
    assert (line["message"], line["level"], line["source"]) == ("asked", "info", "log")

    assert (await admin.delete("/api/plugins/acme.test")).status_code == 204
    assert await _installed(admin) == []
    assert (await admin.get("/api/plugins/acme.test")).status_code == 404


async def test_a_second_installation_is_a_conflict(admin: httpx.AsyncClient, pool: Pool) -> None:
    bundle = await make_signed_plugin(pool, PLUGIN)
    await admin.post("/api/plugins", content=bundle, headers=BYTES)

    answer = await admin.post("/api/plugins", content=bundle, headers=BYTES)

    assert (answer.status_code, answer.json()["code"]) == (409, "plugins.already_installed")


async def test_a_bundle_that_nobody_trusted_is_refused(admin: httpx.AsyncClient, pool: Pool) -> None:
    bundle = await make_signed_plugin(pool, PLUGIN, key=make_key(2))

    answer = await admin.post("/api/plugins", content=bundle, headers={"Content-Type": "application/zip"})

    assert (answer.status_code, answer.json()["code"]) == (422, "bundle.untrusted_key")
    assert answer.json()["next_step"]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain", ""])
async def test_a_bundle_is_sent_as_bytes(admin: httpx.AsyncClient, kind: str) -> None:
    answer = await admin.post("/api/plugins", content=b"PK", headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (415, "request.media_type")


async def test_a_bundle_over_the_limit_is_refused_while_it_is_read(admin: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_000_000
            yield bytes(1_000_000)

    answer = await admin.post("/api/plugins", content=endless(), headers=BYTES)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert sent <= BundleLimits().bundle_bytes + 2_000_000


async def test_who_may_not_install_is_told_before_anything_is_read(instance: Instance) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    async with await instance.program(Role.MANAGER) as program:
        answer = await program.post("/api/plugins", content=never(), headers=BYTES)

    assert (answer.status_code, answer.json()["place"]) == (403, "plugins.manage")


async def test_a_token_grants_no_more_than_it_may(instance: Instance, admin: httpx.AsyncClient, pool: Pool) -> None:
    bundle = await make_signed_plugin(pool, permissions=["customers.delete"])
    async with await instance.program(scopes=["plugins.manage", "customers.read"]) as program:
        answer = await program.post("/api/plugins", content=bundle, headers=BYTES)

    assert (answer.status_code, answer.json()["place"]) == (403, "customers.delete")
    assert await _installed(admin) == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EMPLOYEE])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/plugins"),
        ("GET", "/api/plugins/acme.test"),
        ("DELETE", "/api/plugins/acme.test"),
        ("POST", "/api/plugins/acme.test/activate"),
        ("POST", "/api/plugins/acme.test/deactivate"),
        ("GET", "/api/plugins/acme.test/log"),
        ("GET", "/api/trusted-keys"),
        ("POST", "/api/trusted-keys"),
        ("DELETE", "/api/trusted-keys/0"),
    ],
)
async def test_plugins_and_keys_are_for_administrators(instance: Instance, role: Role, method: str, path: str) -> None:
    async with await instance.program(role) as program:
        answer = await program.request(method, path, json=KEY if method == "POST" else None)

    assert (answer.status_code, answer.json()["place"]) == (403, "plugins.manage")


async def test_a_page_of_another_site_installs_nothing(
    instance: Instance, admin: httpx.AsyncClient, pool: Pool
) -> None:
    bundle = await make_signed_plugin(pool, PLUGIN)
    browser = await instance.browser()
    browser.headers.pop("x-csrf-token")
    async with browser:
        answer = await browser.post("/api/plugins", content=bundle, headers=BYTES)

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.csrf")
    assert await _installed(admin) == []


async def test_keys_are_listed_and_distrusted(admin: httpx.AsyncClient) -> None:
    [key] = (await admin.get("/api/trusted-keys")).json()["items"]
    assert (key["publisher"], key["public_key"]) == ("acme", KEY["public_key"])
    assert (await admin.post("/api/trusted-keys", json=KEY)).status_code == 409

    assert (await admin.delete(f"/api/trusted-keys/{key['key_id']}")).status_code == 204

    assert (await admin.get("/api/trusted-keys")).json() == {"items": []}
    assert (await admin.delete(f"/api/trusted-keys/{key['key_id']}")).status_code == 404


async def test_what_is_no_key_names_the_field(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/api/trusted-keys", json={"publisher": "Acme!", "public_key": KEY["public_key"]})

    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["publisher"])


async def test_the_log_is_read_as_far_as_is_asked(admin: httpx.AsyncClient, pool: Pool) -> None:
    await admin.post("/api/plugins", content=await make_signed_plugin(pool, PLUGIN), headers=BYTES)
    for _ in range(3):
        await admin.get("/api/ext/acme.test")

    assert len((await admin.get("/api/plugins/acme.test/log?limit=2")).json()["items"]) == 2
    assert (await admin.get("/api/plugins/acme.test/log?limit=0")).json()["fields"]["limit"]
    assert (await admin.get("/api/plugins/acme.none/log")).status_code == 404


async def _installed(admin: httpx.AsyncClient) -> list[object]:
    return [one for one in (await admin.get("/api/plugins")).json()["items"] if not one.get("system")]
