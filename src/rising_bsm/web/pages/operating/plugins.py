"""One plugin of the catalogue: its versions, and what the operator does with them."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.publishing.errors import NoVersion
from rising_bsm.marketplace.submissions.states import Role
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.operating.versions import changed_version, verbs_for
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/plugins/{plugin_id:str}", opt={READS: True})
async def show_plugin(request: StrictRequest, actor: Actor, market: Market, plugin_id: str) -> Response[str]:
    """Its versions, its installs and where it comes from."""
    return await _shown(request, actor, market, plugin_id)


@post("/plugins/{plugin_id:str}")
async def change_version(request: StrictRequest, actor: Actor, market: Market, plugin_id: str) -> Response[Any]:
    """A version is released, deprecated, suspended or revoked."""
    form = await Form.of(request)
    try:
        said = await changed_version(market, actor, plugin_id, form)
    except Error as error:
        return await _shown(request, actor, market, plugin_id, error)
    return redirect(f"/operating/plugins/{plugin_id}", said=said)


async def _shown(
    request: StrictRequest, actor: Actor, market: Market, plugin_id: str, error: Error | None = None
) -> Response[str]:
    plugin = await market.operation.plugin(actor, plugin_id)
    try:
        versions = await market.office.versions.list(actor, plugin_id)
    except NoVersion:
        versions = []
    shown = {
        "plugin": plugin,
        "versions": [one | {"verbs": verbs_for(one["status"], {Role.OPERATOR})} for one in versions],
        "census": await market.selling.census.of(plugin_id),
        "title": _("Versions in use"),
    }
    return market_page(request, "operating/plugin.html", error=error, **shown)


HANDLERS = (show_plugin, change_version)
