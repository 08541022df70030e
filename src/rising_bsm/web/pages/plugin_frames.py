"""The files of plugins' frames, and what a frame asks through the bridge of its page."""

import hmac
from importlib.resources import files
from typing import Annotated, Any, ClassVar

from litestar import Response, Router, get, post
from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle.frames import SCRIPT
from rising_bsm.errors import NotFound
from rising_bsm.runtime import Runtime
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.errors import BadRequest
from rising_bsm.web.gate import PUBLIC
from rising_bsm.web.plugin_ui.cage import as_served, headers_for, key_for, kind_of, origin_of
from rising_bsm.web.requests import StrictRequest

_OURS = (files("rising_bsm.web") / "plugin_ui" / SCRIPT).read_bytes()
ASKED_BYTES = 64 * 1024


class Question(Input):
    """A function of the host, and its arguments."""

    refusal: ClassVar[str] = "ui.bad_question"

    function: Annotated[str, Field(max_length=100)]
    arguments: dict[str, Any] = Field(default_factory=dict)


# Frames send no cookies; the key in the address shows that somebody was shown the frame.
@get("/plugin-ui/{plugin_id:str}/{digest:str}/{key:str}/{path:path}", opt={PUBLIC: True})
async def frame_file(
    request: StrictRequest, plugin_id: str, digest: str, key: str, path: str, runtime: Runtime, jar: Cookies
) -> Response[bytes]:
    """One of its files, in its cage."""
    if not hmac.compare_digest(key.encode(), key_for(jar.secret, plugin_id, digest).encode()):
        raise NotFound("There is nothing at this address.", next_step="Load the page again.")
    inside = path.removeprefix("/")
    origin = origin_of(request.scope)
    if origin is None:
        raise BadRequest("The host of the request is none.", code="request.host", place="Host")
    content = _OURS if inside == SCRIPT else await runtime.frames.file(plugin_id, digest, inside)
    base = f"{origin}/plugin-ui/{plugin_id}/{digest}/{key}/"
    return Response(as_served(inside, content), media_type=kind_of(inside), headers=headers_for(base, origin))


@post("/plugins/{plugin_id:str}/frames/{name:str}/call", status_code=200, request_max_body_size=ASKED_BYTES)
async def ask_host(request: StrictRequest, plugin_id: str, name: str, actor: Actor, runtime: Runtime) -> dict[str, Any]:
    """What a function of the host answers; the plugin acts for the person."""
    asked = Question.of(await request.json())
    return {"result": await runtime.frames.ask(plugin_id, name, asked.function, asked.arguments, actor)}


router = Router("/", route_handlers=[frame_file, ask_host], include_in_schema=False)
