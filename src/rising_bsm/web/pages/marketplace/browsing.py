"""Looking around in the marketplace."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.marketplace.market import Market
from rising_bsm.plugins.market.offers import Cards
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.market.transport import MarketUnreachable
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.marketplace import words
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest

FILTERS = ("search", "category", "type", "pricing", "tag", "order", "all")
_PAGE = 24
_FEATURED = 3


@get("/")
async def browse(
    request: StrictRequest, actor: Actor, market: Market, market_side: MarketSide, plugins: Plugins
) -> Response[str]:
    """What the address asks for; without a marketplace that answers, what is installed."""
    asked = filters_of(request, (*FILTERS, "cursor"))
    try:
        found = await market_side.shopping.cards(actor, _query(asked))
        featured = await _featured(actor, market_side, found) if not asked else ()
    except MarketUnreachable as error:
        return page(request, "marketplace/offline.html", offline=error, here=await plugins.list(actor))
    updates = len([one for one in await market_side.updates.list(actor) if one.state not in ("applied", "pinned")])
    filtered = [name for name in FILTERS if name in asked and name != "order"]
    about: dict[str, Any] = {"found": found, "featured": featured, "filtered": filtered, "updates": updates}
    return page(request, "marketplace/browse.html", **about, elsewhere=urlsplit(market.elsewhere).hostname, words=words)


def _query(asked: Mapping[str, str]) -> dict[str, Any]:
    same = {name: asked[name] for name in ("category", "type", "pricing", "tag", "cursor") if name in asked}
    wanted = {"q": asked.get("search"), "sort": asked.get("order")}
    told = {name: value for name, value in wanted.items() if value}
    return {"limit": _PAGE, "compatible": "all" not in asked, **same, **told}


async def _featured(actor: Actor, market_side: MarketSide, found: Cards) -> tuple[Any, ...]:
    """Among many, the best rated stand out; few speak for themselves."""
    if found.next is None:
        return ()
    best = await market_side.shopping.cards(actor, {"sort": "rating", "limit": _FEATURED})
    return tuple(one for one in best.items if one.rating_count)


HANDLERS = (browse,)
