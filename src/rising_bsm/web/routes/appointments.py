"""Appointments over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post

from rising_bsm.accounts import Actor
from rising_bsm.business.appointments import Appointment, AppointmentDraft, AppointmentQuery, Appointments
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.routes.entities import about
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.routes.versions import IfMatch, version_of, with_version
from rising_bsm.web.turns import READS


@get("/", opt={READS: True}, operation_class=asked(AppointmentQuery))
async def list_appointments(request: StrictRequest, actor: Actor, appointments: Appointments) -> dict[str, Any]:
    """By `search`, `customer_id`, `assignee_id`, `status`, `starts_from`, `starts_before`.

    Paged by `sort`, `limit`, `offset`.
    """
    query = AppointmentQuery.of(dict(request.query_params))
    return (await appointments.list(actor, query)).as_dict()


@post("/")
async def create_appointment(
    data: Annotated[Any, described(AppointmentDraft)], actor: Actor, appointments: Appointments
) -> Response[dict[str, Any]]:
    """Adds an appointment; nobody has two at the same time unless `allow_overlap` is sent as true."""
    return with_version(await appointments.create(actor, data), status=201)


@get("/{appointment_id:uuid}", opt={READS: True})
async def get_appointment(appointment_id: UUID, actor: Actor, appointments: Appointments) -> Response[dict[str, Any]]:
    """One appointment; its version is the `ETag`."""
    return with_version(await appointments.get(actor, appointment_id))


@patch("/{appointment_id:uuid}")
async def update_appointment(
    appointment_id: UUID,
    data: Annotated[Any, described(AppointmentDraft, partly=True)],
    actor: Actor,
    appointments: Appointments,
    if_match: IfMatch = None,
) -> Response[dict[str, Any]]:
    """Changes the fields that are sent. With `If-Match` only while the version is still that one."""
    version = version_of(if_match)
    return with_version(await appointments.update(actor, appointment_id, data, expected_version=version))


@delete("/{appointment_id:uuid}")
async def delete_appointment(
    appointment_id: UUID, actor: Actor, appointments: Appointments, if_match: IfMatch = None
) -> None:
    """Removes an appointment. With `If-Match` only while the version is still that one."""
    await appointments.delete(actor, appointment_id, expected_version=version_of(if_match))


router = Router(
    "/appointments",
    route_handlers=[
        list_appointments,
        create_appointment,
        get_appointment,
        update_appointment,
        delete_appointment,
        *about(Appointment),
    ],
    tags=["Appointments"],
)
