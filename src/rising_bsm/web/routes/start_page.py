"""The start page: how the instance is doing, signing in and out, all of it without a script."""

import secrets
from typing import Any

from litestar import Response, Router, get, post
from litestar.response import Redirect, Template

from rising_bsm import __version__
from rising_bsm.accounts import Actor
from rising_bsm.business.customers import CustomerQuery
from rising_bsm.errors import Error
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.errors import headers_of, status_of
from rising_bsm.web.gate import PUBLIC, Caller, client_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.sessions import Sessions
from rising_bsm.web.sign_in import Credentials, SignIn

_ENTRIES = 10
_COUNTED = {
    "Customers": CustomerQuery(),
    "Active": CustomerQuery(status="active"),
    "Leads": CustomerQuery(status="lead"),
}


@get("/", opt={PUBLIC: True})
async def start_page(request: StrictRequest) -> Template:
    """What this instance is and does, as far as whoever looks may know."""
    return await _page(request)


@post("/sign-in", opt={PUBLIC: True})
async def sign_in_form(request: StrictRequest, sign_in: SignIn, jar: Cookies) -> Response[Any]:
    """The form: back to the start page, signed in, or the form again with what was wrong."""
    form = await request.form()
    try:
        given = Credentials.of({"email": form.get("email"), "password": form.get("password")})
        _, session = await sign_in(given, client_of(request), request.cookies.get(jar.session))
    except Error as error:
        return await _page(request, error, email=str(form.get("email", "")))
    return Redirect("/", status_code=303, cookies=[jar.make(jar.session, session)])


@post("/sign-out")
async def sign_out_form(caller: Caller, sessions: Sessions, jar: Cookies) -> Response[Any]:
    """The session is over at once, and the form is shown again."""
    if caller.session:
        await sessions.close(caller.session)
    return Redirect("/", status_code=303, cookies=[jar.drop(jar.session)])


async def _page(request: StrictRequest, error: Error | None = None, email: str = "") -> Template:
    services: Services = request.app.state.services
    caller: Caller = request.auth
    jar = services.jar
    visitor = request.cookies.get(jar.visitor) or secrets.token_urlsafe(32)
    context = {
        "version": __version__,
        "actor": caller.actor,
        "csrf_token": jar.csrf_token(caller.session or visitor),
        "error": error,
        "email": email,
        "tiles": await _tiles(caller.actor, services),
        "activity": await _activity(caller.actor, services),
    }
    return Template(
        "status.html",
        context=context,
        status_code=status_of(error) if error else 200,
        headers=headers_of(error) if error else {},
        cookies=[] if caller.session else [jar.make(jar.visitor, visitor)],
    )


async def _tiles(actor: Actor | None, services: Services) -> dict[str, int]:
    tiles = {}
    if actor and actor.may("customers.read"):
        for label, query in _COUNTED.items():
            tiles[label] = await services.customers.count(actor, query)
    if actor and actor.may("users.manage"):
        tiles["People"] = len(await services.accounts.list_users(actor))
    return tiles


async def _activity(actor: Actor | None, services: Services) -> list[dict[str, Any]]:
    if actor is None or not actor.may("activity.read"):
        return []
    page = await services.activity.list(actor, limit=_ENTRIES)
    return [entry.as_dict() for entry in page.items]


router = Router("/", route_handlers=[start_page, sign_in_form, sign_out_form], include_in_schema=False)
