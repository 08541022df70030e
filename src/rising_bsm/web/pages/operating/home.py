"""The first page of the operator: numbers, and what waits for a decision."""

from typing import Any

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.operating.queue import QueueQuery
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_WAITING = QueueQuery(state="in_review", limit=5)


@get("/", opt={READS: True})
async def operation(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """How the marketplace is doing."""
    queue = market.operation.queue
    shown: dict[str, Any] = {
        "numbers": await market.operation.numbers(actor),
        "used": await market.operation.most_used(actor),
        "queue": await queue.page(actor, _WAITING),
        "waiting": await queue.waiting(actor),
        "expiries": [expiry.as_dict() for expiry in await market.index.expiries()],
    }
    return market_page(request, "operating/home.html", **shown)


HANDLERS = (operation,)
