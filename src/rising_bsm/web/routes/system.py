"""What system plugins answer, below their own address: as for any plugin, and with bodies as large as bundles."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, Router
from litestar.handlers import route
from litestar.response import Stream

from rising_bsm.accounts import Actor
from rising_bsm.bundle import BundleLimits
from rising_bsm.marketplace import MARKETPLACE
from rising_bsm.runtime import Runtime
from rising_bsm.runtime.answers import JSON
from rising_bsm.runtime.system import SystemAnswer, SystemRequest
from rising_bsm.web.gate import OF_PLUGINS, client_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.extensions import CAGE, METHODS, encoded

BODY_BYTES = BundleLimits().bundle_bytes + 64 * 1024
"""A bundle, and what may be said about it."""


@route(
    ["/", "/{path:path}"],
    http_method=METHODS,
    status_code=200,
    opt={OF_PLUGINS: MARKETPLACE},
    request_max_body_size=BODY_BYTES,
    include_in_schema=False,
)
async def ask_marketplace(
    request: StrictRequest, actor: Actor | None, runtime: Runtime, path: str = "/"
) -> Response[Any]:
    """Whatever the marketplace answers to this request. Needs what its route asks for."""
    asked = SystemRequest(
        method=request.method,
        path=path,
        query=dict(request.query_params.items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body() if request.method != "GET" else b"",
        actor=actor,
        network=client_of(request),
    )
    return _response(await runtime.system.run(MARKETPLACE, asked))


def _response(answer: SystemAnswer) -> Response[Any]:
    headers = {**answer.headers, "content-security-policy": CAGE}
    kept: dict[str, Any] = {"status_code": answer.status, "headers": headers, "media_type": answer.content_type}
    if isinstance(answer.body, AsyncIterator):
        return Stream(answer.body, **kept)
    return Response(encoded(answer.body) if answer.content_type == JSON else answer.body, **kept)


router = Router(f"/ext/{MARKETPLACE}", route_handlers=[ask_marketplace], tags=["Plugins"])
