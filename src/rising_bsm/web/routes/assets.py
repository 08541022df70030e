"""The two files that pages refer to."""

from importlib.resources import files

from litestar import MediaType, Response, Router, get

from rising_bsm.web.gate import PUBLIC

_PAGES = files("rising_bsm.web") / "pages"
_KEEP = {"Cache-Control": "public, max-age=300"}


@get("/style.css", opt={PUBLIC: True})
async def style() -> Response[bytes]:
    """How pages look."""
    return Response(_STYLE, media_type=MediaType.CSS, headers=_KEEP)


@get("/icon.svg", opt={PUBLIC: True})
async def icon() -> Response[bytes]:
    """The sign of the application."""
    return Response(_ICON, media_type="image/svg+xml", headers=_KEEP)


_STYLE = (_PAGES / "style.css").read_bytes()
_ICON = (_PAGES / "icon.svg").read_bytes()


router = Router("/", route_handlers=[style, icon], include_in_schema=False)
