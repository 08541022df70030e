"""The list of what was submitted."""

from typing import Any

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.operating.queue import QueueQuery
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.operating.words import STATES, market_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_FILTERS = ("state", "search", "days", "sort", "offset")
_ALL = "all"


@get("/submissions", opt={READS: True})
async def list_submissions(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """Submissions by state, age and words; at first those that wait for a decision, the oldest first."""
    asked = {"state": "in_review"} | filters_of(request, _FILTERS)
    chosen = asked["state"]
    query = QueueQuery.of({name: value for name, value in asked.items() if value != _ALL})
    found = await market.operation.queue.page(actor, query)
    waiting = await market.operation.queue.waiting(actor)
    states = [("in_review", STATES["in_review"]), ("open", "open"), (_ALL, "all")]
    others = [(state, STATES[state]) for state in STATES if state != "in_review"]
    shown: dict[str, Any] = {"found": found, "query": query, "chosen": chosen, "waiting": waiting}
    return market_page(request, "operating/submissions.html", states=[*states, *others], **shown)


HANDLERS = (list_submissions,)
