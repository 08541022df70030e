"""Saying what one thinks of a plugin, and what is wrong with what others say."""

from typing import Any
from uuid import UUID

from litestar import Response, post

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.marketplace.detail import plugin_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest


@post("/{plugin_id:str}/reviews")
async def write_review(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugins: Plugins, plugin_id: str
) -> Response[Any]:
    """Stars, a name and a text, in the place of what one has said before."""
    form = await Form.of(request)
    typed = form.texts(("name", "stars", "text"))
    stars = int(typed["stars"]) if typed.get("stars", "").isdecimal() else 0
    try:
        await market_side.reviewing.write(actor, plugin_id, typed | {"stars": stars})
    except Error as error:
        return await plugin_page(request, actor, database, market_side, plugins, plugin_id, error, typed)
    return redirect(f"/marketplace/{plugin_id}", said=_("Your review is published. Thank you."))


@post("/{plugin_id:str}/reviews/{review_id:uuid}/report")
async def report_review(
    request: StrictRequest,
    actor: Actor,
    database: Database,
    market_side: MarketSide,
    plugins: Plugins,
    plugin_id: str,
    review_id: UUID,
) -> Response[Any]:
    """The marketplace's operator is told."""
    form = await Form.of(request)
    try:
        await market_side.reviewing.report(actor, str(review_id), form.text("reason"))
    except Error as error:
        return await plugin_page(request, actor, database, market_side, plugins, plugin_id, error)
    said = _("The review was reported. The operator of the marketplace will look at it.")
    return redirect(f"/marketplace/{plugin_id}", said=said)


HANDLERS = (write_review, report_review)
