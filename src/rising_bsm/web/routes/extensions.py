"""What plugins answer, below their own address."""

import json
from typing import Any

from litestar import Response, Router
from litestar.enums import HttpMethod
from litestar.handlers import route

from rising_bsm.accounts import Actor
from rising_bsm.runtime import RouteAnswer, RouteRequest, Runtime
from rising_bsm.runtime.answers import BYTES, JSON, WITHOUT_BODY
from rising_bsm.web.cookies import CSRF_FIELD
from rising_bsm.web.errors import UnsupportedMedia
from rising_bsm.web.gate import OF_PLUGINS
from rising_bsm.web.headers import NOTHING
from rising_bsm.web.requests import StrictRequest, is_json, while_connected

METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]

CAGE = f"sandbox; {NOTHING}"
"""Whatever a plugin makes a browser show has no scripts, no forms and no origin."""


@route(
    ["/{plugin_id:str}", "/{plugin_id:str}/{path:path}"],
    http_method=METHODS,
    status_code=200,
    opt={OF_PLUGINS: True},
)
async def ask_plugin(
    request: StrictRequest, plugin_id: str, actor: Actor | None, runtime: Runtime, path: str = "/"
) -> Response[Any]:
    """Whatever the plugin answers to this request; its body may be anything. Needs what the plugin's route asks for.

    A public route of a plugin that was granted `routes.public` answers everybody.
    """
    body, content = await _body(request)
    asked = RouteRequest(
        method=request.method,
        path=path,
        query=dict(request.query_params.items()),
        headers=dict(request.headers.items()),
        body=body,
        content=content if actor else await request.body(),
        by_stranger=actor is None,
    )
    answer = await while_connected(request, runtime.run_route(plugin_id, asked, actor))
    return _response(answer)


def _response(answer: RouteAnswer) -> Response[bytes | None]:
    headers = {**answer.headers, "content-security-policy": CAGE}
    if answer.content_type == BYTES:
        headers["content-disposition"] = "attachment"
    content: bytes | None = None
    if answer.status not in WITHOUT_BODY:
        # Encoded here: the framework would send a text as it is.
        content = encoded(answer.body) if answer.content_type == JSON else answer.body
    return Response(content, status_code=answer.status, headers=headers, media_type=answer.content_type)


def encoded(value: Any) -> bytes:
    """A JSON value as the bytes of a body."""
    return json.dumps(value).encode()


async def _body(request: StrictRequest) -> tuple[Any, bytes | None]:
    """What the plugin gets as its request's body, and as its bytes."""
    kind, _ = request.content_type
    if kind.startswith("text/"):
        return await _text(request), None
    if kind == "application/x-www-form-urlencoded":
        # The last one of a name, and not the proof that the request was meant, which is ours.
        return {name: value for name, value in (await request.form()).items() if name != CSRF_FIELD}, None
    if not kind or is_json(kind):
        return await request.json(), None
    return None, await request.body()


async def _text(request: StrictRequest) -> str | None:
    _, options = request.content_type
    try:
        if options.get("charset", "utf-8").lower() != "utf-8":
            raise ValueError
        return (await request.body()).decode() or None
    except ValueError:
        raise UnsupportedMedia(
            "The text is not in UTF-8.", place="Content-Type", next_step="Send text in UTF-8, or JSON."
        ) from None


router = Router("/ext", route_handlers=[ask_plugin], tags=["Plugins"])
