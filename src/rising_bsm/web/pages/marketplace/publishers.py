"""A publisher of the marketplace, and what there is of it."""

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.marketplace import words
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest


@get("/publishers/{name:str}")
async def show_publisher(request: StrictRequest, actor: Actor, market_side: MarketSide, name: str) -> Response[str]:
    """Who it is, and every plugin of it."""
    publisher = await market_side.shopping.publisher(actor, name)
    wanted = {"publisher": publisher.name, "compatible": False} | filters_of(request, ("cursor",))
    found = await market_side.shopping.cards(actor, wanted)
    return page(request, "marketplace/publisher.html", publisher=publisher, found=found, words=words)


HANDLERS = (show_publisher,)
