"""Reviews that somebody objects to, and those that are hidden."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error, NotFound
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.reviews.reporting import ReportQuery
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form, filters_of
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_FILTERS = ("which", "search", "offset")


@get("/reviews", opt={READS: True})
async def list_reviews(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """Reviews: at first those that were reported and that nobody has looked at."""
    return await _shown(request, actor, market)


@post("/reviews/{review_id:uuid}")
async def moderate(request: StrictRequest, actor: Actor, market: Market, review_id: UUID) -> Response[Any]:
    """It is hidden, shown again, or left as it is."""
    form = await Form.of(request)
    try:
        said = await _moderated(market, actor, review_id, form)
    except Error as error:
        return await _shown(request, actor, market, error)
    return redirect(
        "/operating/reviews" + (f"?which={form.text('which')}" if form.text("which").isalpha() else ""), said=said
    )


async def _moderated(market: Market, actor: Actor, review_id: UUID, form: Form) -> str:
    selling = market.selling
    match form.text("verb"):
        case "hide":
            await selling.reviews.hide(actor, review_id, {"reason": form.text("reason")})
            said = _("The review is hidden.")
        case "show":
            await selling.reviews.show(actor, review_id)
            said = _("The review is shown again.")
        case "keep":
            said = _("The review stays as it is.")
        case other:
            raise NotFound("A review cannot be changed so.", place=other[:40])
    await selling.reports.settle(actor, review_id)
    return said


async def _shown(request: StrictRequest, actor: Actor, market: Market, error: Error | None = None) -> Response[str]:
    query = ReportQuery.of(filters_of(request, _FILTERS))
    found = await market.selling.reports.page(actor, query)
    return market_page(request, "operating/reviews.html", error=error, found=found, query=query)


HANDLERS = (list_reviews, moderate)
