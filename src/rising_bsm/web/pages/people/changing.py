"""Adding people, and changing what they may do; a password of theirs is shown once, in the answer alone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Accounts, Actor, Role, User
from rising_bsm.accounts.passwords import new_password
from rising_bsm.errors import Error
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.pages.people.words import COLOURS, ROLES
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.sessions import Sessions
from rising_bsm.web.turns import READS

_FIELDS = ("name", "email", "role")


@get("/new", opt={READS: True})
async def new_person(request: StrictRequest, actor: Actor) -> Response[Any]:
    """The empty form."""
    actor.require("users.manage")
    return _form(request, {"role": Role.EMPLOYEE.value})


@post("/new", status_code=200)
async def add_person(request: StrictRequest, actor: Actor, accounts: Accounts) -> Response[Any]:
    """The password of whoever was added, to hand on; or the form again with what was wrong."""
    form = await Form.of(request)
    typed, password = form.texts(_FIELDS), form.text("password") or new_password()
    try:
        added = await accounts.create_user(actor, typed | {"password": password})
    except Error as error:
        return _form(request, typed, error)
    return page(request, "people/password.html", person=added, password=password, added=True)


@get("/{user_id:uuid}", opt={READS: True})
async def show_person(request: StrictRequest, user_id: UUID, actor: Actor, accounts: Accounts) -> Response[Any]:
    """What is known of somebody, and what can be done."""
    return _shown(request, await accounts.get_user(actor, user_id))


@post("/{user_id:uuid}")
async def change_person(request: StrictRequest, user_id: UUID, actor: Actor, accounts: Accounts) -> Response[Any]:
    """Their name and role are others from their next request on."""
    typed = (await Form.of(request)).texts(("name", "role"))
    try:
        await accounts.change_user(actor, user_id, dict(typed))
    except Error as error:
        return _shown(request, await accounts.get_user(actor, user_id), typed, error)
    return redirect(f"/people/{user_id}", said=_("The changes are kept."))


@post("/{user_id:uuid}/lock")
async def lock_person(
    request: StrictRequest, user_id: UUID, actor: Actor, accounts: Accounts, sessions: Sessions
) -> Response[Any]:
    """They are signed out and cannot sign in, and their access tokens do nothing."""
    try:
        await accounts.change_user(actor, user_id, {"active": False})
    except Error as error:
        return _shown(request, await accounts.get_user(actor, user_id), error=error)
    await sessions.close_all(user_id)
    return redirect(f"/people/{user_id}", said=_("They are locked out."))


@post("/{user_id:uuid}/unlock")
async def unlock_person(user_id: UUID, actor: Actor, accounts: Accounts) -> Response[Any]:
    """They can sign in again, with the password they had."""
    await accounts.change_user(actor, user_id, {"active": True})
    return redirect(f"/people/{user_id}", said=_("They can sign in again."))


@post("/{user_id:uuid}/sign-out")
async def sign_out_person(user_id: UUID, actor: Actor, accounts: Accounts, sessions: Sessions) -> Response[Any]:
    """Every browser in which they are signed in has to sign in again."""
    await accounts.get_user(actor, user_id)
    await sessions.close_all(user_id)
    return redirect(f"/people/{user_id}", said=_("They are signed out everywhere."))


@post("/{user_id:uuid}/password", status_code=200)
async def reset_password(
    request: StrictRequest, user_id: UUID, actor: Actor, accounts: Accounts, sessions: Sessions
) -> Response[Any]:
    """Their new password, to hand on; they are signed out everywhere."""
    password = (await Form.of(request)).text("password") or new_password()
    person = await accounts.get_user(actor, user_id)
    try:
        await accounts.reset_password(actor, user_id, {"password": password})
    except Error as error:
        return _shown(request, person, error=error)
    await sessions.close_all(user_id)
    return page(request, "people/password.html", person=person, password=password, added=False)


def _form(request: StrictRequest, typed: Mapping[str, str], error: Error | None = None) -> Response[Any]:
    return page(request, "people/new.html", error=error, values=typed, roles=_roles())


def _shown(
    request: StrictRequest, person: User, typed: Mapping[str, str] | None = None, error: Error | None = None
) -> Response[Any]:
    values = typed or {"name": person.name, "role": person.role}
    known = {"person": person, "values": values, "words": ROLES, "colours": COLOURS}
    return page(request, "people/person.html", error=error, roles=_roles(), **known)


def _roles() -> list[tuple[str, str]]:
    return [(role.value, _(ROLES[role][0])) for role in Role]
