"""Signing in and out, and how pages shall be: language, theme, time zone."""

from dataclasses import replace
from typing import Any

from litestar import Response, Router, get, post

from rising_bsm.errors import Error
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.gate import PUBLIC, Caller, client_of
from rising_bsm.web.i18n import preferences
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import own_path, page, redirect
from rising_bsm.web.preferences import LANGUAGES, THEMES, Preferences, time_zones
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.sessions import Sessions
from rising_bsm.web.sign_in import Credentials, SignIn


@get("/sign-in", opt={PUBLIC: True})
async def sign_in_page(request: StrictRequest, caller: Caller) -> Response[Any]:
    """The form, for those who are not signed in; where it leads afterwards is in `next`."""
    onward = own_path(request.query_params.get("next", "/"))
    return redirect(onward) if caller.actor else page(request, "session/sign_in.html", email="", onward=onward)


@post("/sign-in", opt={PUBLIC: True})
async def sign_in_form(request: StrictRequest, sign_in: SignIn, jar: Cookies) -> Response[Any]:
    """Signed in and on the way, or the form again with what was wrong."""
    form = await Form.of(request)
    email, onward = form.text("email"), own_path(form.text("next"))
    try:
        given = Credentials.of({"email": email, "password": form.text("password")})
        _, session = await sign_in(given, client_of(request), request.cookies.get(jar.session))
    except Error as error:
        return page(request, "session/sign_in.html", error=error, email=email, onward=onward)
    return redirect(onward, cookies=(jar.make(jar.session, session),))


@post("/sign-out")
async def sign_out_form(caller: Caller, sessions: Sessions, jar: Cookies) -> Response[Any]:
    """The session is over at once, and the form is shown again."""
    if caller.session:
        await sessions.close(caller.session)
    return redirect("/sign-in", cookies=(jar.drop(jar.session),))


@post("/preferences", opt={PUBLIC: True})
async def choose_preferences(request: StrictRequest, jar: Cookies) -> Response[Any]:
    """What was chosen holds from now on in this browser; what cannot be chosen stays as it was."""
    form = await Form.of(request)
    return redirect(own_path(form.text("next")), cookies=(chosen_in(form).cookie(https=jar.https),))


def chosen_in(form: Form) -> Preferences:
    """The present preferences with what a form chooses; what cannot be chosen stays as it was."""
    chosen = preferences()
    if (language := form.text("language")) in LANGUAGES:
        chosen = replace(chosen, language=language)
    if (theme := form.text("theme")) in THEMES:
        chosen = replace(chosen, theme=theme)
    if (zone := form.text("time_zone")) in time_zones():
        chosen = replace(chosen, time_zone=zone, zone_chosen=True)
    return chosen


router = Router(
    "/",
    route_handlers=[sign_in_page, sign_in_form, sign_out_form, choose_preferences],
    include_in_schema=False,
)
