"""Other versions of a plugin: the newer one that there is, and those it was before."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS

_ORDER = ("previous", "older", "undone", "staged")


@get("/{plugin_id:str}/versions", opt={READS: True})
async def list_versions(request: StrictRequest, plugin_id: str) -> Response[str]:
    """The installed version, the update that there is, and those that are kept."""
    return await _shown(request, plugin_id)


@post("/{plugin_id:str}/rollback")
async def roll_back(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> Response[Any]:
    """The version before is back, or the page says why not."""
    data = (await Form.of(request)).text("data")
    keep = {"keep": True, "restore": False}.get(data)
    try:
        replaced = await plugins.rollback(actor, plugin_id, keep_data=keep)
    except Error as error:
        return await _shown(request, plugin_id, error)
    said = _("%(name)s is back in version %(version)s.")
    named = {"name": replaced.plugin.as_dict()["display_name"], "version": replaced.plugin.version}
    return redirect(f"/plugins/{plugin_id}/versions", said=said % named)


@post("/{plugin_id:str}/pin")
async def pin(request: StrictRequest, plugin_id: str, actor: Actor, market_side: MarketSide) -> Response[Any]:
    """It stays at its version, or follows its channel."""
    form = await Form.of(request)
    try:
        await market_side.updates.pin(actor, plugin_id, form.text("version") or None, form.text("channel") or None)
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/plugins/{plugin_id}/versions", said=_("Which updates it gets is saved."))


@post("/{plugin_id:str}/update")
async def update(request: StrictRequest, plugin_id: str, actor: Actor, market_side: MarketSide) -> Response[Any]:
    """The update is begun, and its steps are shown."""
    accepted = (await Form.of(request)).many("accept")
    try:
        begun = await market_side.updates.apply(actor, plugin_id, accepted)
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/marketplace/installs/{begun.id}")


async def _shown(request: StrictRequest, plugin_id: str, error: Error | None = None) -> Response[str]:
    services: Services = request.app.state.services
    kept = await services.plugins.versions(request.user, plugin_id)
    pinned = await services.market_side.updates.pinned(request.user, plugin_id)
    ordered = sorted((one.as_dict() for one in kept), key=lambda one: _ORDER.index(one["role"]))
    return await plugin_page(request, plugin_id, "versions", error=error, kept=ordered, pin=pinned)


HANDLERS = (list_versions, roll_back, pin, update)
