"""One customer: all that is known, and what can be done."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.appointments import AppointmentQuery
from rising_bsm.business.customers import Customer, Customers
from rising_bsm.business.requests import RequestQuery
from rising_bsm.errors import Error, NotFound, PermissionDenied
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.about import about_of
from rising_bsm.web.pages.customers.words import STATUSES, shown
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import address, page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS

_FEW = 5


@get("/{customer_id:uuid}", opt={READS: True})
async def show_customer(request: StrictRequest, customer_id: UUID, actor: Actor, customers: Customers) -> Response[str]:
    """The customer; after a change of the status with a way back (`was`)."""
    return await _shown(request, await customers.get(actor, customer_id))


@post("/{customer_id:uuid}/status")
async def set_status(request: StrictRequest, customer_id: UUID, actor: Actor, customers: Customers) -> Response[Any]:
    """The customer in another state."""
    status, before = (await Form.of(request)).text("status"), await customers.get(actor, customer_id)
    try:
        await customers.update(actor, customer_id, {"status": status})
    except (NotFound, PermissionDenied):
        raise
    except Error as error:
        return await _shown(request, before, error)
    return redirect(address(f"/customers/{customer_id}", was=before.status if before.status != status else ""))


@post("/{customer_id:uuid}/delete")
async def delete_customer(
    request: StrictRequest, customer_id: UUID, actor: Actor, customers: Customers
) -> Response[Any]:
    """Gone, or the customer again with what stands against it."""
    customer = await customers.get(actor, customer_id)
    try:
        await customers.delete(actor, customer_id)
    except (NotFound, PermissionDenied):
        raise
    except Error as error:
        return await _shown(request, customer, error)
    return redirect("/customers", said=_("%(name)s is deleted.") % {"name": customer.name})


async def _shown(request: StrictRequest, customer: Customer, error: Error | None = None) -> Response[str]:
    was = request.query_params.get("was", "")
    context = {
        "customer": customer,
        "about": await about_of(request, customer),
        "undo": was if was in STATUSES and was != customer.status else "",
        **await _related(request, customer),
        **shown(),
    }
    return page(request, "customers/detail.html", error=error, **context)


async def _related(request: StrictRequest, customer: Customer) -> dict[str, Any]:
    """The latest appointments and requests, None of what one may not see."""
    services: Services = request.app.state.services
    actor: Actor = request.user
    appointments = requests = None
    if actor.may("appointments.read"):
        latest = AppointmentQuery(customer_id=customer.id, sort="-starts_at", limit=_FEW)
        appointments = await services.appointments.list(actor, latest)
    if actor.may("requests.read"):
        requests = await services.requests.list(actor, RequestQuery(customer_id=customer.id, limit=_FEW))
    return {"appointments": appointments, "requests": requests}
