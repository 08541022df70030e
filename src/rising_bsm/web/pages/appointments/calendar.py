"""The calendar: a month or a week, in the time zone of whoever looks."""

from datetime import timedelta

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.business.appointments import AppointmentQuery, Appointments
from rising_bsm.business.appointments.service import AT_ONCE
from rising_bsm.db import now
from rising_bsm.web.i18n import first_weekday, local, preferences
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.appointments.clocks import midnight
from rising_bsm.web.pages.appointments.days import Shown, entries_by_day
from rising_bsm.web.pages.appointments.words import COLOURS, STATUSES
from rising_bsm.web.pages.choices import colleagues, names_of
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_DAY = timedelta(days=1)
_FILTERS = ("assignee_id", "status")


@get("/calendar", opt={READS: True})
async def show_calendar(request: StrictRequest, actor: Actor, appointments: Appointments) -> Response[str]:
    """The `month` or `week` (`view`) that `day` is in, this month without; every appointment on all days it touches."""
    zone, today = preferences().time_zone, local(now()).date()
    shown = Shown.of(request.query_params.get("view", ""), request.query_params.get("day", ""), today, first_weekday())
    days = [day for week in shown.weeks for day in week]
    query = AppointmentQuery.of(filters_of(request, _FILTERS))
    # A day more on both sides: where clocks are changed at midnight, days begin a little beside it.
    since, until = midnight(days[0] - _DAY, zone), midnight(days[-1] + 2 * _DAY, zone)
    found = await appointments.during(actor, since, until, query)
    return page(
        request,
        "appointments/calendar.html",
        shown=shown,
        today=today,
        entries=entries_by_day(found, days, zone),
        names=await names_of(request, found),
        truncated=len(found) == AT_ONCE,
        time_zone=zone,
        assignees=await colleagues(request, _("Anybody"), request.query_params.get("assignee_id", "")),
        statuses=[("", _("Any status")), *((code, _(label)) for code, label in STATUSES.items())],
        words=STATUSES,
        colours=COLOURS,
    )
