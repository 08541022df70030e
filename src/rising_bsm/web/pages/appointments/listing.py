"""The list of appointments, and what of it an address asks for."""

from datetime import date, datetime, timedelta

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.business.appointments import AppointmentQuery, Appointments
from rising_bsm.db import now
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.i18n import local, preferences
from rising_bsm.web.pages.appointments.clocks import midnight
from rising_bsm.web.pages.appointments.words import COLOURS, STATUSES
from rising_bsm.web.pages.choices import colleagues, names_of
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_FILTERS = ("search", "status", "assignee_id", "customer_id", "sort", "offset")
_LIMIT = 25
_DAY = timedelta(days=1)


@get("/", opt={READS: True})
async def list_appointments(request: StrictRequest, actor: Actor, appointments: Appointments) -> Response[str]:
    """Those to come unless another time is asked for."""
    asked = filters_of(request, _FILTERS)
    times = _times(filters_of(request, ("period", "since", "until")))
    sort = "-starts_at" if request.query_params.get("period") == "past" else "starts_at"
    query = AppointmentQuery.of({"sort": sort} | asked | times | {"limit": _LIMIT})
    found = await appointments.list(actor, query)
    return page(
        request,
        "appointments/list.html",
        found=found,
        query=query,
        names=await names_of(request, [*found.items, query]),
        filtered=bool(filters_of(request, (*_FILTERS[:4], "period", "since", "until"))),
        assignees=await colleagues(request, _("Anybody"), asked.get("assignee_id", "")),
        statuses=[("", _("Any status")), *((code, _(label)) for code, label in STATUSES.items())],
        periods=[("", _("To come")), ("past", _("Past")), ("all", _("Whenever"))],
        words=STATUSES,
        colours=COLOURS,
    )


def _times(asked: dict[str, str]) -> dict[str, datetime]:
    """Between when appointments start: days that were named, or a period; from today on without."""
    zone, period = preferences().time_zone, asked.get("period")
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    if since or until:
        from_ = {"starts_from": midnight(since, zone)} if since else {}
        return from_ | ({"starts_before": midnight(until + _DAY, zone)} if until else {})
    if period == "all":
        return {}
    today = midnight(local(now()).date(), zone)
    return {"starts_before": now()} if period == "past" else {"starts_from": today}


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1971 < day.year < 2199 else None
