from collections.abc import AsyncIterator

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.web import Instance

pytestmark = pytest.mark.anyio

BYTES = {"Content-Type": "application/octet-stream"}
KEY = {"publisher": "acme", "public_key": str(make_key().public_key)}
PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return [ctx.plugin.version, ctx.may("users.read"), ctx.storage.get("told", 0)]

def on_permissions_changed(self, ctx):
    ctx.storage.increment("told")
"""
OPTIONAL = {"optional_permissions": [{"code": "users.read", "reason": "To name who did it."}]}


async def make_version(pool: Pool, version: str = "1.0.0", *more: str) -> bytes:
    return await make_signed_plugin(pool, PLUGIN, version=version, permissions=["customers.read", *more], **OPTIONAL)


@pytest.fixture
async def admin(instance: Instance, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    """A program of an administrator who has installed version 1.0.0."""
    async with await instance.program() as program:
        assert (await program.post("/api/trusted-keys", json=KEY)).status_code == 201
        installed = await program.post("/api/plugins", content=await make_version(pool), headers=BYTES)
        assert installed.status_code == 201
        yield program


async def test_an_update_and_a_rollback(admin: httpx.AsyncClient, pool: Pool) -> None:
    bundle = await make_version(pool, "1.1.0", "customers.update")

    refused = await admin.post("/api/plugins/acme.test/update", content=bundle, headers=BYTES)
    assert (refused.status_code, refused.json()["code"]) == (422, "plugins.new_permissions")
    assert refused.json()["fields"] == {"customers.update": "A test needs it."}

    accepting = "/api/plugins/acme.test/update?accept=customers.update"
    updated = await admin.post(accepting, content=bundle, headers=BYTES)
    assert (updated.status_code, updated.json()["version"], updated.json()["state"]) == (200, "1.1.0", "active")
    assert updated.json()["replaced"] == {
        "from_version": "1.0.0",
        "granted": ["customers.update"],
        "withdrawn": [],
        "settings_reset": [],
        "settings_missing": [],
    }
    assert (await admin.get("/api/ext/acme.test")).json() == ["1.1.0", False, 0]
    [kept] = (await admin.get("/api/plugins/acme.test/versions")).json()["items"]
    assert (kept["version"], kept["role"]) == ("1.0.0", "previous")

    wrong = await admin.post("/api/plugins/acme.test/rollback?data=perhaps")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "plugins.invalid_query")
    back = await admin.post("/api/plugins/acme.test/rollback?data=restore")
    assert (back.status_code, back.json()["version"]) == (200, "1.0.0")
    again = await admin.post("/api/plugins/acme.test/rollback")
    assert (again.status_code, again.json()["code"]) == (409, "plugins.nothing_to_roll_back")
    older = await admin.post("/api/plugins/acme.test/update", content=await make_version(pool), headers=BYTES)
    assert (older.status_code, older.json()["code"]) == (409, "plugins.downgrade")


async def test_optional_permissions_are_given_and_taken_and_the_plugin_is_told(admin: httpx.AsyncClient) -> None:
    given = await admin.put("/api/plugins/acme.test/grants", json={"grants": ["users.read"]})
    assert (given.status_code, given.json()["grants"]) == (200, ["customers.read", "users.read"])
    assert (await admin.get("/api/ext/acme.test")).json() == ["1.0.0", True, 1]
    # Nothing is different, so nobody is told.
    await admin.put("/api/plugins/acme.test/grants", json={"grants": ["users.read", "customers.read"]})
    taken = await admin.put("/api/plugins/acme.test/grants", json={"grants": []})
    assert taken.json()["grants"] == ["customers.read"]
    assert (await admin.get("/api/ext/acme.test")).json() == ["1.0.0", False, 2]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"grants": ["plugins.manage"]}, "plugins.not_asked_for"),
        ({"grants": "users.read"}, "plugins.invalid_grants"),
        ({}, "plugins.invalid_grants"),
        ([], "plugins.invalid_grants"),
    ],
)
async def test_what_cannot_be_granted(admin: httpx.AsyncClient, body: object, code: str) -> None:
    answer = await admin.put("/api/plugins/acme.test/grants", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_one_that_others_need_goes_when_somebody_insists(admin: httpx.AsyncClient, pool: Pool) -> None:
    top = await make_signed_plugin(pool, name="top", dependencies={"acme.test": ">=1"})
    assert (await admin.post("/api/plugins", content=top, headers=BYTES)).status_code == 201

    for answer in (await admin.post("/api/plugins/acme.test/deactivate"), await admin.delete("/api/plugins/acme.test")):
        assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (
            409,
            "plugins.needed",
            "acme.top",
        )
    wrong = await admin.post("/api/plugins/acme.test/deactivate?force=perhaps")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "plugins.invalid_query")
    assert (await admin.post("/api/plugins/acme.test/deactivate?force=true")).status_code == 200
    assert (await admin.delete("/api/plugins/acme.test?force=true")).status_code == 204


async def test_only_who_manages_plugins_replaces_them(instance: Instance, admin: httpx.AsyncClient) -> None:
    async with await instance.program(Role.MANAGER) as manager:
        for answer in (
            await manager.post("/api/plugins/acme.test/update", content=b"PK", headers=BYTES),
            await manager.post("/api/plugins/acme.test/rollback"),
            await manager.get("/api/plugins/acme.test/versions"),
            await manager.put("/api/plugins/acme.test/grants", json={"grants": []}),
        ):
            assert (answer.status_code, answer.json()["place"]) == (403, "plugins.manage")
