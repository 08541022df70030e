"""Becoming a publisher, and the keys that sign for one."""

import json
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error, InvalidInput
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.publishing.errors import NoPublisher
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_FIELDS = ("name", "display_name", "email", "website")


@get("/new", opt={READS: True})
async def registration(request: StrictRequest) -> Response[str]:
    """The form for a new publisher."""
    return market_page(request, "publishing/register.html", values={})


@post("/new")
async def register(request: StrictRequest, actor: Actor, market: Market) -> Response[Any]:
    """The caller is a publisher now, and is led to its keys; or the form again with what was wrong."""
    values = (await Form.of(request)).texts(_FIELDS)
    try:
        made = await market.office.publishers.create(actor, values)
    except Error as error:
        return market_page(request, "publishing/register.html", error=error, values=values)
    said = _("%(name)s is yours. Now register the key that signs its bundles.") % {"name": made.name}
    return redirect(f"/publishing/publishers/{made.name}", said=said)


@get("/publishers/{name:str}", opt={READS: True})
async def show_keys(request: StrictRequest, actor: Actor, market: Market, name: str) -> Response[str]:
    """The publisher's keys, and how to register another."""
    return await _shown(request, actor, market, name)


@post("/publishers/{name:str}")
async def change_keys(request: StrictRequest, actor: Actor, market: Market, name: str) -> Response[Any]:
    """A key is registered, or revoked for good."""
    form = await Form.of(request)
    try:
        revokes = form.text("verb") == "revoke_key"
        said = await (_revoke if revokes else _add)(market, actor, name, form)
    except Error as error:
        return await _shown(request, actor, market, name, error, form.as_dict())
    return redirect(f"/publishing/publishers/{name}", said=said)


async def _add(market: Market, actor: Actor, name: str, form: Form) -> str:
    made = await market.office.publishers.add_key(actor, name, _read(form.text("key")))
    return _("Bundles that the key %(key)s… has signed are taken from now on.") % {"key": made.key_id[:12]}


async def _revoke(market: Market, actor: Actor, name: str, form: Form) -> str:
    draft = {"reason": form.text("reason"), "compromised": form.flag("compromised")}
    done = await market.office.revocations.revoke(actor, name, form.text("key"), draft)
    return _("The key is revoked; %(count)s versions are revoked with it.") % {"count": len(done.versions)}


async def _shown(
    request: StrictRequest,
    actor: Actor,
    market: Market,
    name: str,
    error: Error | None = None,
    values: Mapping[str, str] | None = None,
) -> Response[str]:
    mine = await market.office.publishers.mine(actor)
    publisher = next((one for one in mine if one["name"] == name), None)
    if publisher is None:
        raise NoPublisher(name)
    suspension = await market.office.suspensions.of(actor, name)
    shown = {"publisher": publisher, "suspension": suspension, "values": dict(values or {})}
    return market_page(request, "publishing/publisher.html", error=error, **shown)


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(
            "This is not what the command prints.",
            fields={"key": _("Paste all of what the command prints, from { to }.")},
            code="publishers.invalid_key",
            place="key",
            next_step="Run `rising-bsm publishers keys prove`, and paste what it prints.",
        ) from None


HANDLERS = (registration, register, show_keys, change_keys)
