"""The index over HTTP, of a running instance."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import now
from rising_bsm.errors import NotFound
from rising_bsm.marketplace import MARKETPLACE
from rising_bsm.plugins.market.index import IndexClient
from rising_bsm.sandbox import Pool
from support.index import make_listing
from support.web import Instance, running

pytestmark = pytest.mark.anyio

ADDRESS = f"/api/ext/{MARKETPLACE}"


@pytest.fixture(scope="module")
async def market(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Instance]:
    async with running(tmp_path_factory.mktemp("market"), pool=pool) as instance:
        yield instance


async def test_everybody_reads_it(market: Instance, tmp_path: Path) -> None:
    index = market.services.market.index
    await index.put_all([(make_listing(), "a" * 64, 7)])

    async with market.visitor() as visitor:

        async def fetch(name: str) -> AsyncIterator[bytes]:
            answer = await visitor.get(f"{ADDRESS}/index/{name}")
            if answer.status_code == 404:
                raise NotFound(answer.json()["message"], code=answer.json()["code"])
            yield answer.content

        found = await IndexClient(tmp_path, fetch, await index.root_digest(), now=now).find("acme.loyalty", "1.0.0")

    assert found is not None
    assert (found.blob_sha256, found.blob_size) == ("a" * 64, 7)


async def test_what_never_changes_is_kept_by_caches(market: Instance) -> None:
    async with market.visitor() as visitor:
        root = await visitor.get(f"{ADDRESS}/index/1.root.json")
        timestamp = await visitor.get(f"{ADDRESS}/index/timestamp.json")
        missing = await visitor.get(f"{ADDRESS}/index/9.root.json")

    assert root.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert root.headers["content-type"].startswith("application/json")
    assert timestamp.headers["cache-control"] == "no-cache"
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("path", ["/index-keys", "/index-keys/timestamp/rotate"])
@pytest.mark.parametrize("role", [None, Role.EMPLOYEE, Role.MANAGER, Role.PUBLISHER], ids=str)
async def test_keys_are_the_operators(market: Instance, path: str, role: Role | None) -> None:
    async with market.visitor() if role is None else await market.program(role) as asking:
        answer = await (asking.post(ADDRESS + path) if path.endswith("rotate") else asking.get(ADDRESS + path))

    assert answer.status_code == (401 if role is None else 403)


async def test_the_operator_sees_keys_and_dates_and_no_secret(market: Instance) -> None:
    async with await market.program() as operator:
        answer = await operator.get(f"{ADDRESS}/index-keys")

    said = answer.json()
    assert said["root"] == await market.services.market.index.root_digest()
    assert {role: len(keys) for role, keys in said["keys"].items()} == {
        "root": 3,
        "targets": 1,
        "snapshot": 1,
        "timestamp": 1,
        "reviewed": 1,
        "license": 1,
    }
    assert all(key.keys() == {"key_id", "public_key", "here", "made_at"} for key in said["keys"]["root"])
    assert {one["role"] for one in said["expiries"]} >= {"root", "targets", "snapshot", "timestamp"}
    assert "PRIVATE" not in answer.text


@pytest.mark.parametrize("body", [None, {}, {"compromised": True}])
async def test_new_keys_are_in_the_activity_log(market: Instance, body: object) -> None:
    async with await market.program() as operator:
        before = (await operator.get(f"{ADDRESS}/index-keys")).json()["keys"]["license"]
        answer = await operator.post(f"{ADDRESS}/index-keys/license/rotate", json=body)
        log = (await operator.get("/api/activity")).json()["items"][0]

    assert answer.status_code == 200, answer.text
    assert answer.json()["keys"]["license"] != before
    assert (log["action"], log["entity_id"]) == ("index.rotate", "license")
    assert log["detail"] == {"compromised": bool(body)}


@pytest.mark.parametrize(
    ("role", "body", "code"),
    [
        ("nobody", {}, "index.no_such_role"),
        ("timestamp", {"compromised": "yes"}, "input.invalid"),
        ("timestamp", [1], "input.invalid"),
    ],
)
async def test_what_cannot_be_rotated(market: Instance, role: str, body: object, code: str) -> None:
    async with await market.program() as operator:
        answer = await operator.post(f"{ADDRESS}/index-keys/{role}/rotate", json=body)

    assert answer.json()["code"] == code


async def test_an_instance_that_uses_another_marketplace_has_no_index(pool: Pool, tmp_path: Path) -> None:
    async with (
        running(tmp_path, pool=pool, marketplace_url="https://market.example") as instance,
        instance.visitor() as visitor,
    ):
        answer = await visitor.get(f"{ADDRESS}/index/timestamp.json")

    assert (answer.status_code, answer.json()["code"]) == (404, "marketplace.elsewhere")
