from pathlib import Path

import pytest

from rising_bsm.accounts import SYSTEM, Role
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.web import running

pytestmark = pytest.mark.anyio

SETTINGS = [
    {"name": "level", "type": "whole", "label": "Level", "maximum": 9},
    {"name": "api_key", "type": "secret", "label": "Key"},
]
METHODS = """
@route("GET", "/")
def read(self, ctx, request):
    ctx.problems.report("seen", "Somebody looked.")
    return dict(ctx.settings) | {"may": ctx.may("users.read")}
"""
WISHES = [{"code": "users.read", "reason": "A test likes it."}]


async def test_settings_problems_and_chosen_permissions_over_http(tmp_path: Path, pool: Pool) -> None:
    async with running(tmp_path, pool=pool) as instance:
        key = {"publisher": "acme", "public_key": str(make_key().public_key)}
        await instance.services.publisher_keys.trust(SYSTEM, key)
        admin = await instance.program(Role.ADMIN)
        bundle = await make_signed_plugin(pool, METHODS, settings=SETTINGS, optional_permissions=WISHES)
        octets = {"Content-Type": "application/octet-stream"}
        installed = await admin.post("/api/plugins?grant=users.read", content=bundle, headers=octets)
        assert installed.json()["grants"] == ["customers.read", "users.read"]
        where = "/api/plugins/acme.test"

        answer = await admin.put(f"{where}/settings", json={"level": 5, "api_key": "s3cret"})

        assert [(one["name"], one["set"], one.get("value")) for one in answer.json()["items"]] == [
            ("level", True, 5),
            ("api_key", True, None),
        ]
        assert (await admin.get(f"{where}/settings")).json() == answer.json()
        assert (await admin.get("/api/ext/acme.test/")).json() == {"level": 5, "api_key": "s3cret", "may": True}
        assert "s3cret" not in (await admin.get(where)).text + (await admin.get("/api/activity")).text

        wrong = await admin.put(f"{where}/settings", json={"level": 10, "colour": 1})
        assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"level", "colour"})
        assert (await admin.put(f"{where}/settings", json=[])).json()["place"] == "body"

        problems = (await admin.get(f"{where}/problems")).json()["items"]
        assert [(one["key"], one["count"]) for one in problems] == [("seen", 1)]
        assert (await admin.delete(f"{where}/problems", params={"key": "unseen"})).status_code == 404
        assert (await admin.delete(f"{where}/problems", params={"key": "seen"})).status_code == 204
        assert (await admin.delete(f"{where}/problems")).status_code == 204
        assert (await admin.get(f"{where}/problems")).json() == {"items": []}


async def test_they_are_for_those_who_manage_plugins(tmp_path: Path, pool: Pool) -> None:
    async with running(tmp_path, pool=pool) as instance:
        manager = await instance.program(Role.MANAGER)
        for method, path in (("GET", "settings"), ("PUT", "settings"), ("GET", "problems"), ("DELETE", "problems")):
            answer = await manager.request(
                method, f"/api/plugins/acme.test/{path}", json={} if method == "PUT" else None
            )
            assert (answer.status_code, answer.json()["place"]) == (403, "plugins.manage")
