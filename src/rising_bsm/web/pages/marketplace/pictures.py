"""Icons and screenshots of the marketplace, by way of this instance: a page loads nothing from elsewhere."""

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.plugins.market.side import MarketSide

_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    # An SVG that is opened by itself is a document.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Content-Disposition": "inline",
}


@get("/pictures/{sha256:str}")
async def picture(actor: Actor, market_side: MarketSide, sha256: str) -> Response[bytes]:
    """The picture with this digest."""
    found = await market_side.pictures.get(actor, sha256)
    return Response(found.data, media_type=found.kind, headers=_HEADERS)


HANDLERS = (picture,)
