"""The page of an appointment, and what is done there: another state, and deleting."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.appointments import Appointment, Appointments
from rising_bsm.errors import Error
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.about import about_of
from rising_bsm.web.pages.appointments.words import COLOURS, NEXT, STATUSES, STEPS
from rising_bsm.web.pages.choices import names_of
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import address, page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/{appointment_id:uuid}", opt={READS: True})
async def show_appointment(
    request: StrictRequest, appointment_id: UUID, actor: Actor, appointments: Appointments
) -> Response[str]:
    """What is known of it; `was` in the address is the state that it was just taken from."""
    return await _shown(request, await appointments.get(actor, appointment_id))


@post("/{appointment_id:uuid}/status")
async def change_status(
    request: StrictRequest, appointment_id: UUID, actor: Actor, appointments: Appointments
) -> Response[Any]:
    """Back on its page, which offers to undo it; with the reason if it cannot be."""
    form = await Form.of(request)
    before = await appointments.get(actor, appointment_id)
    version, was = form.number("version"), before.status
    try:
        await appointments.update(actor, appointment_id, {"status": form.text("status")}, expected_version=version)
    except Error as error:
        return await _shown(request, await appointments.get(actor, appointment_id), error=error)
    if form.flag("undo"):
        return redirect(f"/appointments/{appointment_id}", said=_("The status is what it was before."))
    return redirect(address(f"/appointments/{appointment_id}", was=was))


@post("/{appointment_id:uuid}/delete")
async def delete_appointment(
    request: StrictRequest, appointment_id: UUID, actor: Actor, appointments: Appointments
) -> Response[Any]:
    """Back on the list, without it; on its page with the reason if it stays."""
    try:
        await appointments.delete(actor, appointment_id)
    except Error as error:
        return await _shown(request, await appointments.get(actor, appointment_id), error=error)
    return redirect("/appointments", said=_("The appointment is deleted."))


async def _shown(request: StrictRequest, found: Appointment, error: Error | None = None) -> Response[str]:
    was = request.query_params.get("was", "")
    return page(
        request,
        "appointments/detail.html",
        error=error,
        appointment=found,
        names=await names_of(request, [found]),
        elsewhere=f"{found.starts_at.astimezone(ZoneInfo(found.time_zone)):%H:%M}",
        about=await about_of(request, found),
        was=was if was in STATUSES and was != found.status and not error else "",
        words=STATUSES,
        colours=COLOURS,
        steps=[(code, *STEPS[code]) for code in NEXT[found.status]],
    )
