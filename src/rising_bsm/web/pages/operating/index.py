"""The signed index: who signs what, until when, and new signatures and keys."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.marketplace.index.roles import LIFETIME, ROOT_THRESHOLD, Role
from rising_bsm.marketplace.market import Market
from rising_bsm.web.i18n import gettext
from rising_bsm.web.i18n import no_translation as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest

ROLES = {
    Role.ROOT: _("Says whose keys count for everything else"),
    Role.TARGETS: _("Says who signs the list of versions, and which keys sign licences"),
    Role.REVIEWED: _("Countersigns every version that was approved"),
    Role.SNAPSHOT: _("Says which lists belong together"),
    Role.TIMESTAMP: _("Says what is newest, every day anew"),
    Role.LICENSE: _("Signs licences"),
}


@get("/index")
async def show_index(request: StrictRequest, market: Market) -> Response[str]:
    """Each role with its keys, its threshold, its version and its end."""
    return await _shown(request, market)


@post("/index")
async def sign_again(request: StrictRequest, actor: Actor, market: Market) -> Response[Any]:
    """Everything whose keys are here is signed anew, and lasts its whole time from now on."""
    try:
        await market.index.sign_again(actor)
    except Error as error:
        return await _shown(request, market, error)
    return redirect("/operating/index", said=gettext("The index is signed anew."))


@post("/index/{role:str}")
async def rotate(request: StrictRequest, actor: Actor, market: Market, role: str) -> Response[Any]:
    """The role gets new keys."""
    form = await Form.of(request)
    try:
        await market.index.rotate(role, actor=actor, compromised=form.flag("compromised"))
    except Error as error:
        return await _shown(request, market, error)
    return redirect("/operating/index", said=gettext("%(role)s has new keys.") % {"role": role})


async def _shown(request: StrictRequest, market: Market, error: Error | None = None) -> Response[str]:
    keys = await market.index.keys()
    ends = {expiry.role: expiry.as_dict() for expiry in await market.index.expiries()}
    roles = [
        {
            "name": str(role),
            "about": gettext(ROLES[role]),
            "keys": [key.as_dict() for key in keys[role]],
            "threshold": ROOT_THRESHOLD if role is Role.ROOT else 1,
            "end": ends.get(role),
            "days": LIFETIME[role].days if role in LIFETIME else None,
        }
        for role in Role
    ]
    root = await market.index.root_digest()
    return market_page(request, "operating/index.html", error=error, roles=roles, root=root)


HANDLERS = (show_index, sign_again, rotate)
