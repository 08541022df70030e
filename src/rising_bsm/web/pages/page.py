"""Whole pages and parts of them: what every template is given, what was just done, and where to go from here."""

import secrets
from typing import Any
from urllib.parse import quote, unquote, urlencode

from litestar import MediaType, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.web.errors import headers_of, status_of
from rising_bsm.web.headers import nonce_of
from rising_bsm.web.i18n import preferences
from rising_bsm.web.pages.navigation import menu_for
from rising_bsm.web.plugin_ui.menu import with_plugins
from rising_bsm.web.plugin_ui.regions import regions_for
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.templating import render

_SAID = "rbsm_said"
_SAID_LETTERS = 300


def page(request: StrictRequest, template: str, *, error: Error | None = None, **context: Any) -> Response[str]:
    """The template with what is common to all pages and with `context`; after an `error`, with its status."""
    services: Services = request.app.state.services
    jar, said = services.jar, request.cookies.get(_SAID)
    session: str | None = getattr(request.scope.get("auth"), "session", None)
    visitor = request.cookies.get(jar.visitor) or secrets.token_urlsafe(32)
    cookies = [] if session else [jar.make(jar.visitor, visitor)]
    cookies += [Cookie(_SAID, value="", max_age=0)] if said else []
    common = _common(request, services, said) | {"csrf_token": jar.csrf_token(session or visitor), "error": error}
    return Response(
        render(template, common | context),
        media_type=MediaType.HTML,
        status_code=status_of(error) if error else 200,
        headers=headers_of(error) if error else {},
        cookies=cookies,
    )


def redirect(to: str, *, said: str = "", cookies: tuple[Cookie, ...] = ()) -> Response[Any]:
    """Go on at `to`, with GET; the page there says in a message what was done."""
    told = (
        (Cookie(_SAID, value=quote(said[:_SAID_LETTERS]), max_age=60, httponly=True, samesite="lax"),) if said else ()
    )
    return Redirect(to, status_code=303, cookies=[*told, *cookies])


def partial(request: StrictRequest) -> bool:
    """Whether a script asks, to put the answer into the page that is there, and not a browser for a whole page."""
    return request.headers.get("hx-request-type") == "partial"


def address(path: str, **parameters: Any) -> str:
    """The path with those parameters that say something."""
    told = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(told)}" if told else path


def own_path(given: str) -> str:
    """A path of this instance that somebody's browser may be sent to, or that of the start page."""
    # What begins with one slash has no host, unless a browser reads more into what follows it.
    ours = given.startswith("/") and not given.startswith("//") and given.isprintable()
    return given if ours and "\\" not in given else "/"


def _common(request: StrictRequest, services: Services, said: str | None) -> dict[str, Any]:
    actor: Actor | None = request.scope.get("user")
    return {
        "me": actor,
        "nonce": nonce_of(request.scope),
        "preferences": preferences(),
        "menu": with_plugins(menu_for(actor), request.app.state.services.runtime, actor),
        "path": request.url.path,
        "parameters": dict(request.query_params),
        "regions": regions_for(request),
        "said": unquote(said) if said else "",
        "address": address,
        "safe_mode": services.runtime.safe_mode,
    }
