"""The files that pages load: named by what is in them, kept for good, packed for those who can unpack."""

import gzip
from hashlib import sha256

import pytest

from rising_bsm.web.assets import address_of
from support.web import Instance

pytestmark = pytest.mark.anyio

NAMES = ["app.css", "app.js", "htmx.js", "icon.svg", "icons.svg", "tabler.css", "theme.js"]
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


async def test_each_is_named_by_its_hash_kept_for_good_and_packed(instance: Instance) -> None:
    async with instance.visitor() as browser:
        for name in NAMES:
            plain = await browser.get(address_of(name), headers={"Accept-Encoding": "identity"})
            packed = await browser.get(address_of(name), headers={"Accept-Encoding": "gzip, br"})
            assert plain.headers["content-type"].split(";")[0] == KINDS[name.rpartition(".")[2]]
            assert sha256(plain.content).hexdigest()[:12] == address_of(name).split(".")[1]
            assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
            assert "content-encoding" not in plain.headers
            assert packed.headers["content-encoding"] == "gzip"
            assert packed.content == plain.content
            assert len(gzip.compress(plain.content, 9, mtime=0)) == int(packed.headers["content-length"])


@pytest.mark.parametrize(
    "path", ["app.css", "names.json", "..", "%2e%2e/app.py", "..%2fapp.py", "app.css.gz", ".", "%00", "x" * 300]
)
async def test_nothing_else_is_there(instance: Instance, path: str) -> None:
    async with instance.visitor() as browser:
        answer = await browser.get(f"/assets/{path}")
    assert answer.status_code in (401, 404)
    assert "immutable" not in answer.headers["cache-control"]


def test_a_name_that_nobody_made_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        address_of("nothing.css")
