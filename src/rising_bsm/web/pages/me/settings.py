"""One's own name, password and preferences."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Accounts, Actor
from rising_bsm.accounts.schema import PasswordChange
from rising_bsm.accounts.validation import wrong_field
from rising_bsm.errors import Error, PermissionDenied
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.gate import Caller
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.i18n import no_translation, preferences, speaking
from rising_bsm.web.own_password import OwnPassword
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.pages.signing_in import chosen_in
from rising_bsm.web.preferences import LANGUAGES, time_zones
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_THEMES = {
    "auto": no_translation("As the device has it"),
    "light": no_translation("Light"),
    "dark": no_translation("Dark"),
}


@get("/", opt={READS: True})
async def show_settings(request: StrictRequest) -> Response[Any]:
    """All of them, each with a form of its own."""
    return _shown(request)


@post("/")
async def change_profile(request: StrictRequest, actor: Actor, caller: Caller, accounts: Accounts) -> Response[Any]:
    """One's name is another from now on."""
    typed = (await Form.of(request)).texts(("name",))
    try:
        _in_person(caller)
        await accounts.change_own(actor, dict(typed))
    except Error as error:
        return _shown(request, typed, error)
    return redirect("/me", said=_("Your name is changed."))


@post("/password")
async def change_password(
    request: StrictRequest, actor: Actor, caller: Caller, own_password: OwnPassword
) -> Response[Any]:
    """The password is another, and all other browsers are signed out."""
    typed = (await Form.of(request)).texts(("old_password", "password", "again"))
    try:
        _in_person(caller)
        if typed.pop("again", "") != typed.get("password"):
            raise wrong_field("again", _("This is another one than above."), code=PasswordChange.refusal)
        await own_password(actor, caller.session, dict(typed))
    except Error as error:
        return _shown(request, error=error)
    return redirect("/me", said=_("Your password is changed. Everywhere else you are signed out."))


@post("/preferences")
async def change_preferences(request: StrictRequest, jar: Cookies) -> Response[Any]:
    """The pages are as they were chosen to be; the form again for a time zone that there is not."""
    form = await Form.of(request)
    typed = form.texts(("language", "theme", "time_zone"))
    if form.text("time_zone") not in time_zones():
        sentence = _("There is no such time zone. Names are such as Europe/Berlin.")
        return _shown(request, typed, wrong_field("time_zone", sentence, code="accounts.invalid_user"))
    chosen = chosen_in(form)
    with speaking(chosen):
        said = _("The pages are as you chose.")
    return redirect("/me", said=said, cookies=(chosen.cookie(https=jar.https),))


def _in_person(caller: Caller) -> None:
    """Raises PermissionDenied for a program: a token that leaked is not to change whose it is."""
    if caller.session is None:
        raise PermissionDenied("This is for people who are signed in with a browser.", next_step="Sign in.")


def _shown(request: StrictRequest, typed: Mapping[str, str] | None = None, error: Error | None = None) -> Response[Any]:
    present = preferences()
    chosen = {"language": present.language, "theme": present.theme, "time_zone": present.time_zone}
    return page(
        request,
        "me/settings.html",
        error=error,
        values={"name": request.user.name, **chosen, **(typed or {})},
        languages=list(LANGUAGES.items()),
        themes=[(code, _(label)) for code, label in _THEMES.items()],
        zones=sorted(zone for zone in time_zones() if "/" in zone or zone == "UTC"),
    )
