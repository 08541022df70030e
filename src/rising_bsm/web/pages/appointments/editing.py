"""Adding and changing appointments."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.appointments import Appointment, AppointmentQuery, Appointments
from rising_bsm.db import now
from rising_bsm.errors import Error
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.i18n import local, preferences
from rising_bsm.web.pages.appointments.clocks import both, moment_of
from rising_bsm.web.pages.appointments.drafts import Taken, at_fields, changes_of, draft_of, typed_of
from rising_bsm.web.pages.appointments.words import STATUSES
from rising_bsm.web.pages.choices import colleagues, picker
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.preferences import time_zones
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_HOUR = timedelta(hours=1)


@get("/new", opt={READS: True})
async def new_appointment(request: StrictRequest, actor: Actor) -> Response[Any]:
    """The form, with what the address knows already: day, time, customer."""
    actor.require("appointments.create")
    return await _form(request, beginning(request))


@post("/new")
async def add_appointment(request: StrictRequest, actor: Actor, appointments: Appointments) -> Response[Any]:
    """On the page of the new appointment, or the form again with what was wrong."""
    typed = typed_in(await Form.of(request))
    try:
        added = await appointments.create(actor, draft_of(typed))
    except Error as error:
        return await _form(request, typed, error=at_fields(error))
    return redirect(f"/appointments/{added.id}", said=_("The appointment is in the calendar."))


@get("/{appointment_id:uuid}/edit", opt={READS: True})
async def edit_appointment(
    request: StrictRequest, appointment_id: UUID, actor: Actor, appointments: Appointments
) -> Response[Any]:
    """The form with what is stored, in the time zone of whoever asks."""
    actor.require("appointments.update")
    found = await appointments.get(actor, appointment_id)
    return await _form(request, typed_of(found, preferences().time_zone), appointment=found)


@post("/{appointment_id:uuid}/edit")
async def change_appointment(
    request: StrictRequest, appointment_id: UUID, actor: Actor, appointments: Appointments
) -> Response[Any]:
    """Back on the page of the appointment, or the form again; it holds the version that is stored now."""
    form = await Form.of(request)
    typed, version = typed_in(form), form.number("version")
    found = await appointments.get(actor, appointment_id)
    try:
        await appointments.update(actor, appointment_id, changes_of(typed, found), expected_version=version)
    except Error as error:
        current = typed | {"version": str(found.version)}
        return await _form(request, current, appointment=found, error=at_fields(error))
    return redirect(f"/appointments/{appointment_id}", said=_("The appointment is changed."))


@get("/customers", opt={READS: True})
async def found_customers(request: StrictRequest, actor: Actor) -> Response[Any]:
    """The customers that are found by `find`, to choose one of them; a part of forms."""
    actor.require("customers.read")
    return page(
        request,
        "appointments/customers.html",
        picker=await picker(request, request.query_params.get("customer_id", "")),
    )


def typed_in(form: Form, prefix: str = "") -> dict[str, str]:
    """What was typed into the fields that begin so, with a time zone that there is; without what they begin with."""
    fields = form.as_dict().items()
    typed: dict[str, str] = {name.removeprefix(prefix): value for name, value in fields if name.startswith(prefix)}
    zone = typed.get("time_zone", "")
    return typed | {"time_zone": zone if zone in time_zones() else preferences().time_zone}


async def conflicting(
    actor: Actor, appointments: Appointments, typed: Mapping[str, str], but: UUID | None = None
) -> Sequence[Appointment]:
    """What the assignee that was typed has at the time that was typed."""
    starts = moment_of(typed, typed["time_zone"])
    ends = starts + timedelta(minutes=int(typed["duration_minutes"]))
    query = AppointmentQuery.of({"assignee_id": typed["assignee_id"]})
    found = await appointments.during(actor, starts, ends, query)
    return [one for one in found if one.status != "cancelled" and one.id != but]


async def _form(
    request: StrictRequest,
    typed: Mapping[str, str],
    *,
    appointment: Appointment | None = None,
    error: Error | None = None,
) -> Response[Any]:
    services, taken = request.app.state.services, isinstance(error, Taken)
    but = appointment.id if appointment else None
    return page(
        request,
        "appointments/form.html",
        error=error,
        values=typed,
        appointment=appointment,
        picker=await picker(request, request.query_params.get("customer_id") or typed.get("customer_id", "")),
        assignees=await colleagues(request, _("Nobody yet"), typed.get("assignee_id", "")),
        statuses=[(code, _(label)) for code, label in STATUSES.items()],
        twice=both(typed, typed["time_zone"]),
        conflicting=await conflicting(request.user, services.appointments, typed, but) if taken else [],
    )


def beginning(request: StrictRequest) -> dict[str, str]:
    """What a new form holds: the next full hour, an hour long, for whoever opens it."""
    begin = local(now()).replace(minute=0) + _HOUR
    asked = request.query_params
    own = str(request.user.user_id or "")
    return {
        "title": asked.get("title", "")[:200],
        "date": _day(asked.get("day", ""), begin),
        "time": f"{begin:%H:%M}",
        "duration_minutes": "60",
        "status": "planned",
        "assignee_id": own,
        "time_zone": preferences().time_zone,
    }


def _day(asked: str, begin: datetime) -> str:
    try:
        return date.fromisoformat(asked).isoformat()
    except ValueError:
        return begin.date().isoformat()
