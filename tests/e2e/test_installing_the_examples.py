"""The main job, on the program as people start it: from sign-in over two installed examples to nothing left of them."""

import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_example
from support.served import served

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

CARE, COUNTER = "demo.customer-care", "demo.visit-counter"
BYTES = {"Content-Type": "application/octet-stream"}
ADA: dict[str, Any] = {"name": "Ada Abel", "email": "ada@bakery.example", "city": "BAD HOMBURG"}


async def test_examples_are_installed_used_after_a_restart_and_removed(pool: Pool, tmp_path: Path) -> None:
    bundles = {name: await make_signed_example(pool, name.split(".")[1]) for name in (CARE, COUNTER)}

    with served(tmp_path) as instance, instance.browser() as browser:
        key = {"publisher": "demo", "public_key": str(make_key().public_key)}
        assert browser.post("/api/trusted-keys", json=key).status_code == 201
        for name, bundle in bundles.items():
            installed = browser.post("/api/plugins", content=bundle, headers=BYTES)
            assert (installed.status_code, installed.json()["id"], installed.json()["state"]) == (201, name, "active")

        ada = refused_then_enriched(browser)

        visits = f"/api/ext/{COUNTER}/visits"
        assert browser.post(f"{visits}/{ada['id']}").json() == {"customer_id": ada["id"], "visits": 1}
        assert browser.get(visits).json() == {"visits": {ada["id"]: 1}}
        assert instance.stop()[0] == 0

    with served(tmp_path) as instance, instance.browser() as browser:
        assert browser.post(f"{visits}/{ada['id']}").json()["visits"] == 2
        assert browser.get(f"/api/ext/{COUNTER}/top").json() == {"items": [{"name": "Ada Abel", "visits": 2}]}
        kept = browser.delete(f"/api/customers/{ada['id']}")
        assert (kept.status_code, kept.json()["fields"].keys()) == (422, {"status"})

        for name in bundles:
            assert browser.delete(f"/api/plugins/{name}").status_code == 204
        assert browser.get(visits).status_code == 404
        assert browser.post("/api/customers", json={"name": "Bo", "email": "bo@x.example"}).status_code == 201
        assert instance.stop()[0] == 0

    assert_nothing_is_left(tmp_path, [CARE, COUNTER])


def refused_then_enriched(browser: httpx.Client) -> dict[str, Any]:
    """A bad customer is refused by the field that is wrong with it, a good one is completed."""
    bad = browser.post("/api/customers", json=ADA)
    assert (bad.status_code, bad.json()["code"]) == (422, "plugin.refused")
    assert bad.json()["fields"] == {"phone": "A customer needs a telephone number."}
    assert browser.get("/api/customers").json()["total"] == 0

    good = browser.post("/api/customers", json=ADA | {"phone": "0049 (0)6172 / 23 12 50"})
    assert good.status_code == 201
    ada: dict[str, Any] = good.json()
    completed = {name: ada[name] for name in ("phone", "country", "city", "tags")}
    assert completed == {"phone": "+496172231250", "country": "DE", "city": "Bad Homburg", "tags": ["bakery.example"]}
    return ada


def assert_nothing_is_left(data_dir: Path, plugin_ids: list[str]) -> None:
    """No row names the plugins but those on what people did, and no file of them is there."""
    with sqlite3.connect(data_dir / "rising-bsm.sqlite3") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: str(database.execute(f"SELECT * FROM {table}").fetchall()) for table in tables}
    database.close()
    deeds = rows.pop("activity")
    assert all(name in deeds for name in plugin_ids)
    assert "installed_plugins" in rows
    assert not [table for table, content in rows.items() for name in plugin_ids if name in content]
    assert [path for path in (data_dir / "plugins").rglob("*") if path.is_file()] == []
