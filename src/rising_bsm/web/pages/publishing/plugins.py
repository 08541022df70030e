"""One's own plugin: versions, numbers over time, what people say, what reviewers said."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.publishing.errors import NoVersion
from rising_bsm.marketplace.reviews.schema import ReviewQuery
from rising_bsm.marketplace.submissions.schema import Listing
from rising_bsm.marketplace.submissions.states import Role
from rising_bsm.web.i18n import as_date
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form, filters_of
from rising_bsm.web.pages.operating.versions import changed_version, verbs_for
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_SUBMISSIONS = 10


@get("/{plugin_id:str}", opt={READS: True})
async def show_own_plugin(request: StrictRequest, actor: Actor, market: Market, plugin_id: str) -> Response[str]:
    """Everything about a plugin that its publisher looks at."""
    return await _shown(request, actor, market, plugin_id)


@post("/{plugin_id:str}")
async def change_own_version(request: StrictRequest, actor: Actor, market: Market, plugin_id: str) -> Response[Any]:
    """A version is released, deprecated or revoked."""
    form = await Form.of(request)
    try:
        said = await changed_version(market, actor, plugin_id, form)
    except Error as error:
        return await _shown(request, actor, market, plugin_id, error)
    return redirect(f"/publishing/{plugin_id}", said=said)


@post("/{plugin_id:str}/reviews/{review_id:uuid}")
async def answer(
    request: StrictRequest, actor: Actor, market: Market, plugin_id: str, review_id: UUID
) -> Response[Any]:
    """The publisher answers a review, or objects to it."""
    form = await Form.of(request)
    try:
        if form.text("verb") == "report":
            await market.selling.reports.report(actor, review_id, {"reason": form.text("reason")})
            said = _("The operator of the marketplace looks at the review.")
        else:
            await market.selling.reviews.reply(actor, review_id, {"text": form.text("text")})
            said = _("Your answer stands below the review.")
    except Error as error:
        return await _shown(request, actor, market, plugin_id, error)
    return redirect(f"/publishing/{plugin_id}#reviews", said=said)


async def _shown(
    request: StrictRequest, actor: Actor, market: Market, plugin_id: str, error: Error | None = None
) -> Response[str]:
    numbers = await market.office.dashboard.of(actor, plugin_id.partition(".")[0])
    plugin = next((one for one in numbers["plugins"] if one["plugin_id"] == plugin_id), None)
    if plugin is None:
        raise NoVersion(f"There is no version of {plugin_id[:81]} here.", place=plugin_id[:81])
    versions = await market.office.versions.list(actor, plugin_id)
    query = ReviewQuery.of(filters_of(request, ("cursor",)))
    shown = {
        "plugin": plugin,
        "versions": [one | {"verbs": verbs_for(one["status"], {Role.OWNER})} for one in versions],
        "days": await _days(market, plugin_id),
        "reviews": await market.selling.reviews.list(actor, plugin_id, query),
        "submissions": await _submissions(market, actor, plugin_id),
    }
    return market_page(request, "publishing/plugin.html", error=error, **shown)


async def _days(market: Market, plugin_id: str) -> dict[str, list[Any]]:
    days = await market.selling.days.of(plugin_id)
    return {
        "labels": [as_date(day) for day, _installs, _downloads in days],
        "installs": [installs for _day, installs, _downloads in days],
        "downloads": [downloads for _day, _installs, downloads in days],
    }


async def _submissions(market: Market, actor: Actor, plugin_id: str) -> list[dict[str, Any]]:
    asked = Listing.of({"plugin": plugin_id, "limit": _SUBMISSIONS})
    found = await market.office.submissions.list(actor, asked)
    return [await market.office.submissions.get(actor, UUID(one["id"])) for one in found["items"]]


HANDLERS = (show_own_plugin, change_own_version, answer)
