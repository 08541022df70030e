"""A new instance can begin with plugins; one that is not new is left as its administrator made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rising_bsm.sandbox import Pool
from rising_bsm.web.cookies import CSRF_HEADER
from support.bundles import make_key
from support.plugins import make_signed_example
from support.serving import EMAIL, PASSWORD, Served, administrator, serving

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

CARE = "demo.customer-care"


async def test_bundles_are_installed_at_the_first_start_only(pool: Pool, tmp_path: Path) -> None:
    bundle, key = tmp_path / "care.rbsm", tmp_path / "demo.pub"
    bundle.write_bytes(await make_signed_example(pool, "customer-care"))
    key.write_text(f"{make_key().public_key}\n")
    first = ("--trust", f"demo={key}", "--install", str(bundle))

    with serving(tmp_path / "data", *first, **administrator()) as instance, signed_in(instance) as browser:
        assert _installed(browser) == [CARE]
        refused = browser.post("/api/customers", json={"name": "Bo", "email": "bo@x.example"})
        assert refused.json()["fields"].keys() == {"phone"}
        assert browser.delete(f"/api/plugins/{CARE}").status_code == 204

    with serving(tmp_path / "data", *first) as instance, signed_in(instance) as browser:
        assert _installed(browser) == []


async def test_a_bundle_that_cannot_be_trusted_keeps_the_instance_from_starting(pool: Pool, tmp_path: Path) -> None:
    bundle = tmp_path / "care.rbsm"
    bundle.write_bytes(await make_signed_example(pool, "customer-care"))
    with (
        pytest.raises(AssertionError, match="status 1"),
        serving(tmp_path / "data", "--install", str(bundle), **administrator()),
    ):
        pass


@contextmanager
def signed_in(instance: Served) -> Iterator[httpx.Client]:
    """A browser in which the administrator has signed in."""
    with httpx.Client(base_url=instance.url, timeout=30) as browser:
        answer = browser.post("/api/session", json={"email": EMAIL, "password": PASSWORD})
        browser.headers[CSRF_HEADER] = answer.json()["csrf_token"]
        yield browser


def _installed(browser: httpx.Client) -> list[str]:
    return [one["id"] for one in browser.get("/api/plugins").json()["items"] if not one.get("system")]
