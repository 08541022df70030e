import re

import httpx
import pytest
from litestar import get

from rising_bsm.web.assets import address_of
from rising_bsm.web.gate import PUBLIC
from support.web import Instance

pytestmark = pytest.mark.anyio


@get("/broken", opt={PUBLIC: True})
async def broken() -> None:
    raise RuntimeError("inside")


PAGE = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src http://localhost/plugin-ui/; "
    "frame-ancestors 'none'"
)
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def careful(headers: httpx.Headers) -> None:
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert len(headers["x-request-id"]) == 16
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/health"),
        ("GET", address_of("app.css")),
        ("GET", address_of("icons.svg")),
        ("GET", "/assets/nothing"),
        ("GET", "/api/me"),
        ("GET", "/nothing"),
        ("PUT", "/health"),
        ("GET", "/broken"),
        ("POST", "/api/session"),
    ],
)
async def test_a_browser_may_do_nothing_with_what_is_no_page(instance: Instance, method: str, path: str) -> None:
    instance.app.register(broken)
    async with instance.visitor() as browser:
        headers = (await browser.request(method, path)).headers
    careful(headers)
    assert headers["content-security-policy"] == NOTHING
    kept = path.startswith("/assets/") and path != "/assets/nothing"
    assert headers["cache-control"] == ("public, max-age=31536000, immutable" if kept else "no-store")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/customers", "/nothing", "/broken"])
async def test_a_page_runs_its_own_scripts_alone(instance: Instance, path: str) -> None:
    instance.app.register(broken)
    async with await instance.browser() as browser:
        answers = [await browser.get(path, headers={"Accept": "text/html"}) for _ in range(2)]
    async with instance.visitor(Accept="text/html") as stranger:
        answers += [await stranger.get("/sign-in") for _ in range(2)]
    nonces = set()
    for answer in (one for one in answers if one.status_code != 303):
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-([\w-]{22})';", policy)
        assert nonce, policy
        careful(answer.headers)
        assert policy == PAGE.format(nonce=nonce[1])
        assert answer.headers["cache-control"] == "no-store"
        assert set(re.findall(r'<script nonce="([^"]*)" src="/assets/', answer.text)) == {nonce[1]}
        nonces.add(nonce[1])
    assert len(nonces) >= 2


async def test_every_answer_has_a_name_of_its_own(instance: Instance) -> None:
    async with instance.visitor() as browser:
        answers = [await browser.get("/health", headers={"X-Request-Id": "chosen"}) for _ in range(3)]
    names = {answer.headers["x-request-id"] for answer in answers}
    assert len(names) == 3
    assert "chosen" not in names
