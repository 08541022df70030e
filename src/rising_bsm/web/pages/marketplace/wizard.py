"""Before a plugin is installed: who made it, what it may do, where it talks to, what it adds, what it costs."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.errors import Error, InvalidInput
from rising_bsm.licensing import LicenceKey
from rising_bsm.plugins.market.offers import Request
from rising_bsm.plugins.market.prospects import Prospect
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.reach import reach_of
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.marketplace import words
from rising_bsm.web.pages.marketplace.in_numbers import permission_in_numbers
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest


@get("/{plugin_id:str}/install")
async def show_wizard(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugin_id: str
) -> Response[str]:
    """All of it, on one page; the version may be named by the address."""
    version = request.query_params.get("version")
    return await _wizard(request, actor, database, market_side, plugin_id, version)


@post("/{plugin_id:str}/install")
async def begin_install(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugin_id: str
) -> Response[Any]:
    """What was shown is installed, with what was switched on of what it can do without."""
    form = await Form.of(request)
    try:
        begun = await market_side.acquisitions.install(actor, _draft(plugin_id, form))
    except Error as error:
        return await _wizard(request, actor, database, market_side, plugin_id, form.text("version"), form, error)
    return redirect(f"/marketplace/installs/{begun.id}")


def _draft(plugin_id: str, form: Form) -> dict[str, Any]:
    choice, key = form.text("licence"), form.text("license_key").strip()
    return {
        "plugin": plugin_id,
        "version": form.text("version"),
        "bundle_sha256": form.text("bundle_sha256"),
        "channel": "beta" if form.text("channel") == "beta" else "stable",
        "grant": form.many("grant"),
        "with_dependencies": form.flag("with_dependencies"),
        "trial": choice == "trial",
        "license_key": _key(key) if choice == "key" else None,
    }


def _key(text: str) -> str:
    """The licence key; raises InvalidInput for what is none, before anything is begun."""
    if text:
        return LicenceKey.parse(text).text
    sentence = _("Enter the licence key.")
    raise InvalidInput(sentence, code="market.invalid_install", place="license_key", fields={"license_key": sentence})


async def _wizard(
    request: StrictRequest,
    actor: Actor,
    database: Database,
    market_side: MarketSide,
    plugin_id: str,
    version: str | None,
    form: Form | None = None,
    error: Error | None = None,
) -> Response[str]:
    channel = "beta" if request.query_params.get("channel") == "beta" else "stable"
    prospect = await market_side.prospects.of(actor, plugin_id, version or None, channel)
    reach, held = await reach_of(database), await market_side.held.find(plugin_id)
    codes = [one.code for one in _asked(prospect)]
    about = {
        "prospect": prospect,
        "numbers": {code: permission_in_numbers(code, reach) for code in codes},
        "held": held if held is not None and held.standing.runs else None,
        "hopeless": any(code in prospect.refused for code in prospect.listed.permissions),
        "channel": channel,
        "granted": form.many("grant") if form else [],
        "typed": form.as_dict() if form else {},
    }
    return page(request, "marketplace/install.html", error=error, **about, words=words)


def _asked(prospect: Prospect) -> list[Request]:
    return [*prospect.permissions, *prospect.optional_permissions]


HANDLERS = (show_wizard, begin_install)
