"""The list of service requests."""

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.business.requests import RequestQuery, Requests
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.choices import colleagues, names_of
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.page import page
from rising_bsm.web.pages.requests.words import COLOURS, STATUSES
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_FILTERS = ("search", "status", "assignee_id", "customer_id")
_LIMIT = 25


@get("/", opt={READS: True})
async def list_requests(request: StrictRequest, actor: Actor, requests: Requests) -> Response[str]:
    """The newest first, unless another order is asked for."""
    asked = filters_of(request, (*_FILTERS, "sort", "offset"))
    query = RequestQuery.of(asked | {"limit": _LIMIT})
    found = await requests.list(actor, query)
    return page(
        request,
        "requests/list.html",
        found=found,
        query=query,
        names=await names_of(request, [*found.items, query]),
        filtered=bool(filters_of(request, _FILTERS)),
        assignees=await colleagues(request, _("Anybody"), asked.get("assignee_id", "")),
        statuses=[("", _("Any status")), *((code, _(label)) for code, label in STATUSES.items())],
        words=STATUSES,
        colours=COLOURS,
    )
