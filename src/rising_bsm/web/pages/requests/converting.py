"""A service request becomes a customer, an appointment or both: the form with what is known, and what it means."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import CustomerDraft
from rising_bsm.business.requests import Conversion, Requests, ServiceRequest
from rising_bsm.errors import Error, InvalidInput
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.i18n import preferences
from rising_bsm.web.pages.appointments.clocks import both
from rising_bsm.web.pages.appointments.drafts import Taken, at_fields, draft_of
from rising_bsm.web.pages.appointments.editing import beginning, conflicting, typed_in
from rising_bsm.web.pages.choices import colleagues, picker
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.pages.requests.words import STATUSES
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS

_CUSTOMER, _APPOINTMENT = "customer-", "appointment-"
_KNOWN = ("name", "email", "phone")
_NEW = "new"


@get("/{request_id:uuid}/convert", opt={READS: True})
async def conversion_form(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[Any]:
    """What is known is filled in; a customer who has the e-mail address is chosen."""
    actor.require("requests.update")
    found = await requests.get(actor, request_id)
    return await _form(request, found, await _known(request, found))


@post("/{request_id:uuid}/convert")
async def convert_request(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[Any]:
    """Back on the page of the request, which leads to what it became; or the form again with what was wrong."""
    form = await Form.of(request)
    found = await requests.get(actor, request_id)
    try:
        draft = _draft_of(form)
        await requests.convert(actor, request_id, draft, expected_version=form.number("version"))
    except Error as error:
        typed = {name: str(value) for name, value in form.as_dict().items()}
        return await _form(request, found, typed, _at_fields(error))
    return redirect(f"/requests/{request_id}", said=_("The request has become what it was to become."))


def _draft_of(form: Form) -> dict[str, Any]:
    """The conversion that a form means. Raises InvalidInput at the fields of an appointment."""
    draft: dict[str, Any] = {"status": form.text("status")}
    chosen = form.text("customer_id")
    if chosen == _NEW:
        draft["customer"] = {name: form.text(f"{_CUSTOMER}{name}") for name in (*_KNOWN, "company")}
    elif chosen:
        draft["customer_id"] = chosen
    if form.flag("plan"):
        draft["appointment"] = draft_of(typed_in(form, _APPOINTMENT))
    return draft


def _at_fields(error: Error) -> Error:
    if error.code == CustomerDraft.refusal:
        return at_fields(error, _CUSTOMER)
    if error.code == Conversion.refusal and isinstance(error, InvalidInput):
        sentence = _("Choose a customer, or plan an appointment.")
        return InvalidInput(sentence, fields={"customer_id": sentence}, code=error.code, place="customer_id")
    return at_fields(error, _APPOINTMENT)


async def _known(request: StrictRequest, found: ServiceRequest) -> dict[str, str]:
    services: Services = request.app.state.services
    actor: Actor = request.user
    customer = await services.customers.with_email(actor, found.email) if actor.may("customers.read") else None
    fresh = _NEW if actor.may("customers.create") and found.customer_id is None else ""
    planned = beginning(request) | {"title": found.service or found.name}
    return (
        {"customer_id": str(customer.id) if customer else fresh, "status": "completed"}
        | {f"{_CUSTOMER}{name}": getattr(found, name) for name in _KNOWN}
        | {f"{_APPOINTMENT}{name}": value for name, value in planned.items()}
    )


async def _form(
    request: StrictRequest, found: ServiceRequest, typed: Mapping[str, str], error: Error | None = None
) -> Response[Any]:
    services: Services = request.app.state.services
    zone = typed.get(f"{_APPOINTMENT}time_zone", preferences().time_zone)
    when = {name.removeprefix(_APPOINTMENT): value for name, value in typed.items() if name.startswith(_APPOINTMENT)}
    taken = isinstance(error, Taken)
    return page(
        request,
        "requests/convert.html",
        error=error,
        found=found,
        values=dict(typed) | {f"{_APPOINTMENT}time_zone": zone},
        picker=await picker(request, request.query_params.get("customer_id") or typed.get("customer_id", "")),
        assignees=await colleagues(request, _("Nobody yet"), when.get("assignee_id", "")),
        statuses=[(code, _(label)) for code, label in STATUSES.items()],
        twice=both(when, zone),
        conflicting=await conflicting(request.user, services.appointments, when | {"time_zone": zone}) if taken else [],
    )
