"""What every request passes before its handler: where to, who from, and of their own free will."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from rising_bsm.accounts import Actor
from rising_bsm.errors import NotSignedIn, PermissionDenied
from rising_bsm.web.cookies import CSRF_FIELD, CSRF_HEADER, Cookies
from rising_bsm.web.errors import BadRequest, request_id
from rising_bsm.web.limits import RateLimit, network_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services

PUBLIC = "public"
"""The `opt` of a route that anybody may use; all others are for people and programs we know."""

NO_CSRF = "no_csrf"
"""The `opt` of a route that takes nothing but JSON and does nothing with the cookie it is sent."""

OF_PLUGINS = "of_plugins"
"""The `opt` of the routes that lead to plugins, which answer anybody on some of theirs; the id of a system plugin if
they lead to that alone."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_STRANGERS_PER_MINUTE = 600
_STRANGERS_OF_A_PLUGIN_PER_MINUTE = 60


@dataclass(frozen=True)
class Caller:
    """Who sent a request: nobody we know, somebody by the `session` of their browser, or somebody by a token."""

    actor: Actor | None = None
    session: str | None = None
    by_token: bool = False


class Gate(ASGIMiddleware):
    """Four checks, in this order, before any handler runs.

    1. The request is addressed to us (`Host`).
    2. Who sends it: by `Authorization` alone where there is one, else by the session cookie.
    3. It is somebody we know, unless the route is public. Strangers are let in 600 times a minute, and 60 times to the
       public routes of one plugin that is not part of the program.
    4. Unless a token was sent: what changes something carries the proof that no other site made the browser send it.
       Where a plugin answers strangers, whoever does not prove it is one.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, hosts: frozenset[str], jar: Cookies) -> None:
        self._hosts = hosts
        self._jar = jar
        too_many = "Too many requests from somebody who is not signed in."
        self._strangers = RateLimit(_STRANGERS_PER_MINUTE, too_many)
        self._strangers_of_plugins = RateLimit(_STRANGERS_OF_A_PLUGIN_PER_MINUTE, too_many)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Lets the request through, with `scope["user"]` and `scope["auth"]` set, or raises why not."""
        request, opt = StrictRequest(scope, receive, send), scope["route_handler"].opt
        clear_contextvars()
        bind_contextvars(request_id=request_id(scope))
        self._addressed_to_us(request)
        if OF_PLUGINS in opt and _answers_strangers(request):
            caller = await self._known_or_stranger(request)
        else:
            caller = await self._known(request, public=PUBLIC in opt)
            if _changes_something(request, caller) and NO_CSRF not in opt:
                await self._of_their_own_free_will(request, caller)
        scope["user"], scope["auth"] = caller.actor, caller
        await next_app(scope, receive, send)

    def _addressed_to_us(self, request: StrictRequest) -> None:
        named = request.headers.getall("host", [])
        if len(named) == 1 and (not self._hosts or _host(named[0]) in self._hosts):
            return
        raise BadRequest(
            "The request is addressed to another host.",
            code="request.host",
            place="Host",
            next_step="Use the address of this instance, or set RISING_BSM_BASE_URL to the one that is used.",
        )

    async def _known_or_stranger(self, request: StrictRequest) -> Caller:
        caller = await self._known(request, public=True)
        if caller.session and _changes_something(request, caller) and not await self._is_meant(request, caller):
            caller = Caller()
        if caller.actor is None and "plugin_id" in request.path_params:
            self._strangers_of_plugins.count((client_of(request), request.path_params["plugin_id"]))
        return caller

    async def _known(self, request: StrictRequest, *, public: bool) -> Caller:
        try:
            caller = await self._caller(request)
            if caller.actor is None and not public:
                raise NotSignedIn(
                    "This is only for people who are signed in.",
                    next_step="Sign in, or send an access token as Authorization: Bearer.",
                )
        except NotSignedIn:
            self._strangers.count(client_of(request))
            raise
        if caller.actor is None:
            self._strangers.count(client_of(request))
        return caller

    async def _caller(self, request: StrictRequest) -> Caller:
        services: Services = request.app.state.services
        if given := request.headers.getall("authorization", []):
            return Caller(await services.accounts.actor_of_token(_bearer(given)), by_token=True)
        session = request.cookies.get(self._jar.session)
        user_id = await services.sessions.user_of(session) if session else None
        return Caller(await services.accounts.actor_of_user(user_id), session) if user_id else Caller()

    async def _is_meant(self, request: StrictRequest, caller: Caller) -> bool:
        cookie = caller.session or request.cookies.get(self._jar.visitor)
        token = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF_FIELD)
        return cookie is not None and isinstance(token, str) and self._jar.proves(token, cookie)

    async def _of_their_own_free_will(self, request: StrictRequest, caller: Caller) -> None:
        if await self._is_meant(request, caller):
            return
        raise PermissionDenied(
            "The request does not prove that it comes from our own pages.",
            code="auth.csrf",
            place=CSRF_HEADER,
            next_step=f"Send the csrf_token of GET /api/me as {CSRF_HEADER}, or load the page again.",
        )


def _changes_something(request: StrictRequest, caller: Caller) -> bool:
    """Whether another site could make somebody's browser send it, and gain by that."""
    return request.method not in _SAFE and not caller.by_token


def _answers_strangers(request: StrictRequest) -> bool:
    services: Services = request.app.state.services
    plugin_id = request.path_params.get("plugin_id") or request.route_handler.opt[OF_PLUGINS]
    path = request.path_params.get("path", "/")
    return services.runtime.answers_strangers(plugin_id, request.method, str(path))


def client_of(request: StrictRequest) -> str:
    """Whom to count for a request: the network it comes from."""
    return network_of(request.client.host if request.client else "")


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _bearer(given: list[str]) -> str:
    scheme, _, token = given[0].partition(" ")
    if len(given) == 1 and scheme.lower() == "bearer" and token.strip():
        return token.strip()
    raise NotSignedIn(
        "The Authorization header holds no bearer token.",
        place="Authorization",
        next_step="Send one header Authorization: Bearer rbsm_..., or none.",
    )
