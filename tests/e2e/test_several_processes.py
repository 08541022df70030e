"""Two programs on one PostgreSQL database and one data folder."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.database import postgresql_database_url
from support.plugins import make_signed_plugin
from support.served import served

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

BYTES = {"Content-Type": "application/octet-stream"}
PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return ctx.plugin.version
"""


async def test_what_is_done_in_one_is_seen_in_the_other_within_a_second(pool: Pool, tmp_path: Path) -> None:
    bundles = [await make_signed_plugin(pool, PLUGIN, version=version) for version in ("1.0.0", "1.1.0")]
    async with postgresql_database_url() as url:
        settings = {"DATABASE_URL": url, "WORKERS": "1"}
        with (
            served(tmp_path, **settings) as one,
            served(tmp_path, **settings) as two,
            one.browser() as here,
            two.browser() as there,
        ):
            here.post("/api/trusted-keys", json={"publisher": "acme", "public_key": str(make_key().public_key)})
            assert answer(there) == 404
            assert here.post("/api/plugins", content=bundles[0], headers=BYTES).status_code == 201
            assert within_a_second(there, lambda said: said == "1.0.0") <= {404, "1.0.0"}

            updated = here.post("/api/plugins/acme.test/update", content=bundles[1], headers=BYTES)
            assert updated.status_code == 200
            assert within_a_second(there, lambda said: said == "1.1.0") <= {"1.0.0", "1.1.0"}

            assert there.post("/api/plugins/acme.test/deactivate").status_code == 200
            assert within_a_second(here, lambda said: said == 404) <= {"1.1.0", 404}
            assert here.delete("/api/plugins/acme.test").status_code == 204
            assert (one.stop()[0], two.stop()[0]) == (0, 0)
    assert [path for path in (tmp_path / "plugins").rglob("*") if path.is_file()] == []


def within_a_second(browser: httpx.Client, arrived: Callable[[object], bool]) -> set[object]:
    """All that the plugin answered there until it was as expected."""
    began, seen = time.monotonic(), set[object]()
    while not arrived(said := answer(browser)):
        seen.add(said)
        assert time.monotonic() - began < 1
    return seen | {said}


def answer(browser: httpx.Client) -> object:
    got = browser.get("/api/ext/acme.test")
    return got.json() if got.status_code == 200 else got.status_code
