"""Licences that were sold: found, looked at, and changed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error, NotFound
from rising_bsm.marketplace.licences.schema import LicenceQuery
from rising_bsm.marketplace.market import Market
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form, filters_of
from rising_bsm.web.pages.operating.terms import end_of, terms_of, typed
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/", opt={READS: True})
async def list_licences(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """Licences by holder, plugin and status, the newest first."""
    asked = filters_of(request, ("search", "plugin", "status", "cursor"))
    if "search" in asked:
        asked["holder"] = asked.pop("search")
    found = await market.selling.sales.list(actor, LicenceQuery.of(asked | {"limit": 25}))
    plugins = await market.selling.sales.plugins(actor)
    return market_page(request, "operating/licences.html", found=found, plugins=plugins)


@get("/{licence_id:uuid}", opt={READS: True})
async def show_licence(request: StrictRequest, actor: Actor, market: Market, licence_id: UUID) -> Response[str]:
    """What it allows, and where it is and was active."""
    return await _shown(request, actor, market, licence_id)


@post("/{licence_id:uuid}")
async def change_licence(request: StrictRequest, actor: Actor, market: Market, licence_id: UUID) -> Response[Any]:
    """It is renewed, upgraded, suspended, resumed or revoked."""
    form = await Form.of(request)
    try:
        said = await _verb(form)(market, actor, licence_id, form)
    except Error as error:
        return await _shown(request, actor, market, licence_id, error, form.as_dict())
    return redirect(f"/operating/licenses/{licence_id}", said=said)


async def _shown(
    request: StrictRequest,
    actor: Actor,
    market: Market,
    licence_id: UUID,
    error: Error | None = None,
    values: Mapping[str, str] | None = None,
) -> Response[str]:
    licence = await market.selling.sales.get(actor, licence_id)
    shown = {"licence": licence, "values": typed(licence) | dict(values or {}), "verb": (values or {}).get("verb")}
    return market_page(request, "operating/licence.html", error=error, **shown)


async def _renew(market: Market, actor: Actor, licence_id: UUID, form: Form) -> str:
    draft = {"expires_at": end_of(form.text("expires_at")), "reason": form.text("reason")}
    await market.selling.sales.renew(actor, licence_id, draft)
    return _("The licence ends at another time now.")


async def _upgrade(market: Market, actor: Actor, licence_id: UUID, form: Form) -> str:
    before = await market.selling.sales.get(actor, licence_id)
    changes = {name: value for name, value in terms_of(form).items() if before[name] != value}
    await market.selling.sales.upgrade(actor, licence_id, changes | {"reason": form.text("reason")})
    return _("Instances get what it allows now with their next heartbeat.")


async def _suspend(market: Market, actor: Actor, licence_id: UUID, form: Form) -> str:
    await market.selling.sales.suspend(actor, licence_id, {"reason": form.text("reason")})
    return _("The licence is suspended.")


async def _resume(market: Market, actor: Actor, licence_id: UUID, _form: Form) -> str:
    await market.selling.sales.resume(actor, licence_id)
    return _("The licence does again.")


async def _revoke(market: Market, actor: Actor, licence_id: UUID, form: Form) -> str:
    await market.selling.sales.revoke(actor, licence_id, {"reason": form.text("reason")})
    return _("The licence is revoked.")


_VERBS: Mapping[str, Callable[[Market, Actor, UUID, Form], Awaitable[str]]] = {
    "renew": _renew,
    "upgrade": _upgrade,
    "suspend": _suspend,
    "resume": _resume,
    "revoke": _revoke,
}


def _verb(form: Form) -> Callable[[Market, Actor, UUID, Form], Awaitable[str]]:
    verb = _VERBS.get(form.text("verb"))
    if verb is None:
        raise NotFound("A licence cannot be changed so.", place=form.text("verb")[:40])
    return verb


HANDLERS = (list_licences, show_licence, change_licence)
