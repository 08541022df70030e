import pytest
from litestar import get

from rising_bsm.web.gate import PUBLIC
from support.web import Instance

pytestmark = pytest.mark.anyio


@get("/broken", opt={PUBLIC: True})
async def broken() -> None:
    raise RuntimeError("inside")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/health"),
        ("GET", "/style.css"),
        ("GET", "/api/me"),
        ("GET", "/nothing"),
        ("PUT", "/health"),
        ("GET", "/broken"),
        ("POST", "/api/session"),
    ],
)
async def test_every_answer_tells_browsers_to_be_careful(instance: Instance, method: str, path: str) -> None:
    instance.app.register(broken)
    async with instance.visitor() as browser:
        headers = (await browser.request(method, path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert len(headers["x-request-id"]) == 16
    assert "strict-transport-security" not in headers
    assert headers["cache-control"] == ("public, max-age=300" if path == "/style.css" else "no-store")


async def test_every_answer_has_a_name_of_its_own(instance: Instance) -> None:
    async with instance.visitor() as browser:
        answers = [await browser.get("/health", headers={"X-Request-Id": "chosen"}) for _ in range(3)]
    names = {answer.headers["x-request-id"] for answer in answers}
    assert len(names) == 3
    assert "chosen" not in names
