"""The files that pages load, made by `build_assets.py`: each under a name with its hash, kept by browsers for good."""

import json
from functools import cache
from importlib.resources import files

from litestar import MediaType, Response, Router, get

from rising_bsm.errors import NotFound
from rising_bsm.web.gate import PUBLIC
from rising_bsm.web.requests import StrictRequest

_STATIC = files("rising_bsm.web") / "static"
_KINDS = {"css": MediaType.CSS, "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@get("/assets/{name:str}", opt={PUBLIC: True})
async def asset(request: StrictRequest, name: str) -> Response[bytes]:
    """One of them, packed for browsers that can unpack it."""
    if name not in _contents():
        raise NotFound("There is no such file.", place=f"/assets/{name}", next_step="Load the page again.")
    kind = _KINDS[name.rpartition(".")[2]]
    packed = _contents().get(f"{name}.gz")
    if packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=kind, headers=_FOREVER | {"Content-Encoding": "gzip"})
    return Response(_contents()[name], media_type=kind, headers=_FOREVER)


def address_of(name: str) -> str:
    """Where the file with this name is (`app.css`). Raises KeyError when there is none."""
    return f"/assets/{_names()[name]}"


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads((_STATIC / "names.json").read_text())
    return names


@cache
def _contents() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in _STATIC.iterdir() if file.name != "names.json"}


router = Router("/", route_handlers=[asset], include_in_schema=False)
