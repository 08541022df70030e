"""The marketplace's plugins over HTTP, on an instance that hosts its own."""

import json
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from support.market_place import publish
from support.plugins import make_signed_plugin
from support.web import Instance

pytestmark = pytest.mark.anyio

ID = "acme.test"
PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return ctx.plugin.version
"""


async def released(instance: Instance, pool: Pool, version: str = "1.0.0", **changes: Any) -> None:
    bundle = await make_signed_plugin(pool, PLUGIN, version=version, **changes)
    market = instance.services.market
    await publish(market.database, market.index, market.blobs, market.cipher, bundle)


def events(text: str) -> list[dict[str, Any]]:
    """The server-sent events, each with its id and its data."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        found.append({"id": fields.get("id"), "event": fields["event"], **json.loads(fields["data"])})
    return found


async def test_a_plugin_is_found_installed_and_followed(instance: Instance, pool: Pool) -> None:
    await released(instance, pool, permissions=["customers.read", "users.read"])
    async with await instance.browser() as admin:
        [found] = (await admin.get("/api/market/plugins?sort=newest")).json()["items"]
        assert (found["id"], found["installed"]) == (ID, None)
        shown = (await admin.get(f"/api/market/plugins/{ID}")).json()
        assert [one["grantable"] for one in shown["here"]["permissions"]] == [True, True]

        begun = await admin.post("/api/market/installs", json={"plugin": ID})

        assert begun.status_code == 202
        told = await admin.get(f"/api/market/installs/{begun.json()['id']}/events")
        assert told.headers["content-type"].startswith("text/event-stream")
        steps = [event for event in events(told.text) if event["event"] == "step"]
        assert steps[-1]["name"] == "done"
        assert [int(step["id"]) for step in steps] == list(range(1, len(steps) + 1))
        again = await admin.get(told.request.url.path, headers={"Last-Event-ID": str(len(steps) - 2)})
        assert [step["name"] for step in events(again.text)] == ["logged", "done"]
        assert (await admin.get(f"/api/ext/{ID}/")).json() == "1.0.0"
        installs = (await admin.get("/api/market/installs")).json()["items"]
        assert [(one["plugin_id"], one["state"]) for one in installs] == [(ID, "done")]
        here = (await admin.get(f"/api/market/plugins/{ID}")).json()["here"]
        assert (here["installed"], here["channel"], here["pinned"]) == ("1.0.0", "stable", None)


async def test_updates_are_found_pinned_and_applied(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    async with await instance.browser() as admin:
        await _installed(admin)
        await released(instance, pool, "1.1.0", permissions=["customers.read", "customers.update"])

        [update] = (await admin.post("/api/market/updates/check")).json()["items"]

        assert (update["to_version"], update["state"]) == ("1.1.0", "waiting")
        assert update["difference"]["permissions"]["new"] == ["customers.update"]
        pinned = await admin.post(f"/api/market/updates/{ID}/pin", json={"version": "1.0.0"})
        assert pinned.json() == {"plugin_id": ID, "version": "1.0.0", "channel": "stable"}
        assert (await admin.post("/api/market/updates/check")).json()["items"][0]["state"] == "pinned"
        begun = await admin.post(f"/api/market/updates/{ID}/apply", json={"accept": ["customers.update"]})
        assert begun.status_code == 202
        await admin.get(f"/api/market/installs/{begun.json()['id']}/events")
        assert (await admin.get(f"/api/ext/{ID}/")).json() == "1.1.0"
        assert (await admin.get("/api/market/updates")).json()["items"][0]["state"] == "applied"
        kept = await admin.post(f"/api/plugins/{ID}/rollback")
        assert kept.json()["version"] == "1.0.0"


async def _installed(admin: httpx.AsyncClient) -> None:
    begun = (await admin.post("/api/market/installs", json={"plugin": ID})).json()
    await admin.get(f"/api/market/installs/{begun['id']}/events")


REFUSED = [
    ("GET", "/plugins?limit=1000", None, 422, "market.invalid_query"),
    ("GET", "/plugins/acme.nothing", None, 404, "catalogue.no_plugin"),
    ("GET", "/plugins/Acme.Test", None, 422, "market.invalid_query"),
    ("POST", "/installs", {"plugin": "nothing"}, 422, "market.invalid_install"),
    ("GET", "/installs/01a20397-5b04-76bc-b935-b462804b7f4f", None, 404, "market.no_acquisition"),
    ("GET", "/installs/01a20397-5b04-76bc-b935-b462804b7f4f/events", None, 404, "market.no_acquisition"),
    ("POST", f"/updates/{ID}/apply", {"accept": []}, 404, "plugins.not_found"),
    ("POST", f"/updates/{ID}/apply", {"accept": "all"}, 422, "market.invalid_update"),
    ("POST", f"/updates/{ID}/pin", {"version": "x"}, 422, "market.invalid_pin"),
    ("POST", f"/advisories/{ID}/override", None, 404, "plugins.not_found"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), REFUSED)
async def test_what_is_refused_says_why(
    instance: Instance, method: str, path: str, body: Any, status: int, code: str
) -> None:
    async with await instance.browser() as admin:
        answer = await admin.request(method, f"/api/market{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_only_who_manages_plugins_may(instance: Instance) -> None:
    paths = [
        ("GET", "/plugins"),
        ("GET", f"/plugins/{ID}"),
        ("POST", "/installs"),
        ("GET", "/installs"),
        ("GET", "/installs/01a20397-5b04-76bc-b935-b462804b7f4f"),
        ("GET", "/installs/01a20397-5b04-76bc-b935-b462804b7f4f/events"),
        ("GET", "/updates"),
        ("POST", "/updates/check"),
        ("POST", f"/updates/{ID}/apply"),
        ("POST", f"/updates/{ID}/pin"),
        ("GET", "/advisories"),
        ("POST", f"/advisories/{ID}/override"),
    ]
    async with await instance.browser(Role.MANAGER) as manager:
        for method, path in paths:
            answer = await manager.request(method, f"/api/market{path}", json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "permission.denied"), path
