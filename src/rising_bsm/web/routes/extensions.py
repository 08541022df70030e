"""What plugins answer, below their own address."""

import json
from typing import Any

from litestar import MediaType, Response, Router
from litestar.enums import HttpMethod
from litestar.handlers import route

from rising_bsm.accounts import Actor
from rising_bsm.runtime import RouteRequest, Runtime
from rising_bsm.runtime.answers import WITHOUT_BODY
from rising_bsm.web.errors import UnsupportedMedia
from rising_bsm.web.requests import StrictRequest, while_connected

METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]


@route(["/{plugin_id:str}", "/{plugin_id:str}/{path:path}"], http_method=METHODS, status_code=200)
async def ask_plugin(
    request: StrictRequest, plugin_id: str, actor: Actor, runtime: Runtime, path: str = "/"
) -> Response[Any]:
    """Whatever the plugin answers to this request; the body is JSON or text. Needs what the plugin's route asks for."""
    asked = RouteRequest(
        method=request.method,
        path=path,
        query=dict(request.query_params.items()),
        headers=dict(request.headers.items()),
        body=await _body(request),
    )
    answer = await while_connected(request, runtime.run_route(plugin_id, asked, actor))
    # Encoded here: the framework would send a text as it is.
    body = json.dumps(answer.body).encode() if answer.status not in WITHOUT_BODY else None
    return Response(body, status_code=answer.status, headers=answer.headers, media_type=MediaType.JSON)


async def _body(request: StrictRequest) -> Any:
    kind, options = request.content_type
    if not kind.startswith("text/"):
        return await request.json()
    try:
        if options.get("charset", "utf-8").lower() != "utf-8":
            raise ValueError
        return (await request.body()).decode() or None
    except ValueError:
        raise UnsupportedMedia(
            "The text is not in UTF-8.", place="Content-Type", next_step="Send text in UTF-8, or JSON."
        ) from None


router = Router("/ext", route_handlers=[ask_plugin], tags=["Plugins"])
