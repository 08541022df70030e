"""The page of a service request, and what is done there: who sees to it, another state, deleting."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.requests import Requests, ServiceRequest
from rising_bsm.errors import Error
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.about import about_of
from rising_bsm.web.pages.choices import colleagues, names_of
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import address, page, redirect
from rising_bsm.web.pages.requests.words import COLOURS, NEXT, STATUSES, STEPS
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS


@get("/{request_id:uuid}", opt={READS: True})
async def show_request(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[str]:
    """What is known of it; `was` in the address is the state that it was just taken from."""
    return await _shown(request, await requests.get(actor, request_id))


@post("/{request_id:uuid}/status")
async def change_status(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[Any]:
    """Back on its page, which offers to undo it; with the reason if it cannot be."""
    form = await Form.of(request)
    was = (await requests.get(actor, request_id)).status
    try:
        await requests.update(
            actor, request_id, {"status": form.text("status")}, expected_version=form.number("version")
        )
    except Error as error:
        return await _shown(request, await requests.get(actor, request_id), error=error)
    if form.flag("undo"):
        return redirect(f"/requests/{request_id}", said=_("The status is what it was before."))
    return redirect(address(f"/requests/{request_id}", was=was))


@post("/{request_id:uuid}/assignee")
async def assign_request(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[Any]:
    """Back on its page, with somebody else who sees to it, or nobody."""
    form = await Form.of(request)
    chosen = {"assignee_id": form.text("assignee_id") or None}
    try:
        found = await requests.update(actor, request_id, chosen, expected_version=form.number("version"))
    except Error as error:
        return await _shown(request, await requests.get(actor, request_id), error=error)
    names = await names_of(request, [found])
    told = _("%(name)s sees to it now.") if found.assignee_id in names else _("Nobody sees to it now.")
    said = told % {"name": names[found.assignee_id]} if found.assignee_id in names else told
    return redirect(f"/requests/{request_id}", said=said)


@post("/{request_id:uuid}/delete")
async def delete_request(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[Any]:
    """Back on the list, without it; on its page with the reason if it stays."""
    try:
        await requests.delete(actor, request_id)
    except Error as error:
        return await _shown(request, await requests.get(actor, request_id), error=error)
    return redirect("/requests", said=_("The request is deleted."))


async def _shown(request: StrictRequest, found: ServiceRequest, error: Error | None = None) -> Response[str]:
    was = request.query_params.get("was", "")
    services: Services = request.app.state.services
    return page(
        request,
        "requests/detail.html",
        error=error,
        found=found,
        names=await names_of(request, [found]),
        appointment=await _appointment(services, request.user, found),
        about=await about_of(request, found),
        assignees=await colleagues(request, _("Nobody yet"), str(found.assignee_id or "")),
        was=was if was in STATUSES and was != found.status and not error else "",
        words=STATUSES,
        colours=COLOURS,
        steps=[(code, *STEPS[code]) for code in NEXT[found.status]],
    )


async def _appointment(services: Services, actor: Actor, found: ServiceRequest) -> Any:
    """The appointment that it led to, for those who may see it."""
    if found.appointment_id is None or not actor.may("appointments.read"):
        return None
    return await services.appointments.get(actor, found.appointment_id)
