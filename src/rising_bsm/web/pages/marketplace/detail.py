"""A plugin of the marketplace, with all that there is to know of it."""

from typing import Any

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins.market.offers import Offer
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.market.transport import MarketUnreachable
from rising_bsm.plugins.reach import reach_of
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime.accounting import Executions
from rising_bsm.web.pages.marketplace import words
from rising_bsm.web.pages.marketplace.in_numbers import permission_in_numbers
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest


@get("/{plugin_id:str}")
async def show_plugin(
    request: StrictRequest, actor: Actor, database: Database, market_side: MarketSide, plugins: Plugins, plugin_id: str
) -> Response[str]:
    """What it is, what it would do here, what others say of it."""
    return await plugin_page(request, actor, database, market_side, plugins, plugin_id)


async def plugin_page(
    request: StrictRequest,
    actor: Actor,
    database: Database,
    market_side: MarketSide,
    plugins: Plugins,
    plugin_id: str,
    error: Error | None = None,
    typed: dict[str, Any] | None = None,
) -> Response[str]:
    """The page of the plugin; after an `error`, with the review that was `typed`."""
    try:
        offer = await market_side.shopping.offer(actor, plugin_id)
    except MarketUnreachable as offline:
        return page(request, "marketplace/offline.html", offline=offline, here=await plugins.list(actor))
    reviews = await _reviews(request, actor, market_side, offer)
    usage = (await Executions(database).usage(offer.id))["day"] if offer.installed else None
    reach = await reach_of(database)
    about = {"offer": offer, "usage": usage, "typed": typed, **reviews}
    numbers = {one.code: permission_in_numbers(one.code, reach) for one in _asked(offer)}
    return page(request, "marketplace/detail.html", error=error, **about, numbers=numbers, words=words)


async def _reviews(request: StrictRequest, actor: Actor, market_side: MarketSide, offer: Offer) -> dict[str, Any]:
    """What others say, and what the actor has said; without an answer, the page is good enough without."""
    try:
        reviews = await market_side.reviewing.page(actor, offer.id, request.query_params.get("reviews", ""))
        own = await market_side.reviewing.own(actor, offer.id) if offer.installed and actor.user_id else None
    except Error as error:
        return {"reviews": None, "own": None, "no_reviews": error}
    return {"reviews": reviews, "own": own, "no_reviews": None}


def _asked(offer: Offer) -> list[Any]:
    return [*(offer.permissions or ()), *(offer.optional_permissions or ())]


HANDLERS = (show_plugin,)
