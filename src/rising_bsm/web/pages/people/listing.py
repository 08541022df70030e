"""Everybody who works here, and what their roles let them do."""

from collections.abc import Sequence

from litestar import Response, get

from rising_bsm.accounts import Accounts, Actor, Role, User
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.page import page
from rising_bsm.web.pages.people.words import COLOURS, ROLES, grouped
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_SORTS = ("name", "email", "created_at")
_LIMIT = 50


@get("/", opt={READS: True})
async def list_people(request: StrictRequest, actor: Actor, accounts: Accounts) -> Response[str]:
    """By name, unless another order is asked for; those who are locked out, too."""
    everybody = await accounts.list_users(actor)
    asked = filters_of(request, ("search", "role", "state"))
    found, sort = _matching(everybody, asked), request.query_params.get("sort", "name")
    sort = sort if sort.removeprefix("-") in _SORTS else "name"
    found.sort(key=lambda one: _key(one, sort.removeprefix("-")), reverse=sort.startswith("-"))
    given = request.query_params.get("offset", "")
    offset = int(given) if given.isdecimal() and len(given) < 9 else 0
    return page(
        request,
        "people/list.html",
        people=found[offset : offset + _LIMIT],
        total=len(found),
        limit=_LIMIT,
        offset=offset,
        sort=sort,
        roles=[("", _("Any role")), *((role.value, _(ROLES[role][0])) for role in Role)],
        states=[("", _("Active or not")), ("active", _("Active")), ("locked", _("Locked out"))],
        words=ROLES,
        colours=COLOURS,
    )


@get("/roles", opt={READS: True})
async def show_roles(request: StrictRequest, actor: Actor) -> Response[str]:
    """Every role, and what it may do."""
    actor.require("users.manage")
    return page(request, "people/roles.html", roles=list(Role), words=ROLES, groups=grouped())


def _matching(people: Sequence[User], asked: dict[str, str]) -> list[User]:
    search = asked.get("search", "").casefold()
    active = {"active": True, "locked": False}.get(asked.get("state", ""))
    return [
        one
        for one in people
        if search in f"{one.name}\n{one.email}".casefold()
        and asked.get("role", one.role) == one.role
        and active in (None, one.active)
    ]


def _key(one: User, sort: str) -> str:
    return one.created_at.isoformat() if sort == "created_at" else str(getattr(one, sort)).casefold()
