"""The first page of a publisher: plugins with their numbers, and what was submitted."""

from typing import Any

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.marketplace.market import Market
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/", opt={READS: True})
async def my_plugins(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """What the caller publishes, and how it does."""
    publishers = [await _about(market, actor, one) for one in await market.office.publishers.mine(actor)]
    return market_page(request, "publishing/home.html", publishers=publishers)


async def _about(market: Market, actor: Actor, publisher: dict[str, Any]) -> dict[str, Any]:
    numbers = await market.office.dashboard.of(actor, publisher["name"])
    suspension = await market.office.suspensions.of(actor, publisher["name"])
    keys = [key for key in publisher["keys"] if key["revoked_at"] is None]
    plugins = [plugin | {"waits": _unreleased(plugin)} for plugin in numbers["plugins"]]
    known = {"plugins": plugins, "submissions": numbers["submissions"], "suspension": suspension}
    return publisher | known | {"counting": len(keys)}


def _unreleased(plugin: dict[str, Any]) -> list[str]:
    return [one["version"] for one in plugin["published"] if one["status"] == "approved"]


HANDLERS = (my_plugins,)
