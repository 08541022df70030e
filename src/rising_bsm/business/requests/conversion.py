"""What a service request becomes: decided, checked and past all hooks, before anything of it is written."""

from dataclasses import dataclass
from uuid import UUID

from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.validation import wrong_field
from rising_bsm.business.appointments import Appointment, Appointments
from rising_bsm.business.customers import Customer, Customers
from rising_bsm.business.requests.model import ServiceRequest
from rising_bsm.business.requests.schema import Conversion
from rising_bsm.errors import Conflict


@dataclass(frozen=True)
class Plan:
    """A customer and an appointment to add, where there are any, and whom the request is linked to afterwards."""

    customer_id: UUID | None
    customer: Customer | None
    appointment: Appointment | None

    @property
    def email(self) -> str:
        """The e-mail address of the new customer."""
        return self.customer.email if self.customer else ""

    @property
    def links(self) -> dict[str, str]:
        """What changes in the request's draft."""
        ids = {"customer_id": self.customer_id, "appointment_id": self.appointment and self.appointment.id}
        return {name: str(one) for name, one in ids.items() if one is not None}


async def planned(
    customers: Customers, appointments: Appointments, actor: Actor, request: ServiceRequest, wanted: Conversion
) -> Plan:
    """What the request becomes. No transaction may be open.

    Raises InvalidInput, Conflict (`requests.already_converted`), and what `Customers.get`, `Customers.propose` and
    `Appointments.propose` raise.
    """
    _sensible(request, wanted)
    customer_id, customer = request.customer_id, None
    if wanted.customer_id is not None:
        customer_id = (await customers.get(actor, wanted.customer_id)).id
    elif wanted.customer is not None:
        customer_id, customer = await _customer(customers, actor, request, wanted.customer)
    if wanted.appointment is None:
        return Plan(customer_id, customer, None)
    defaults = {"title": request.service or request.name, "customer_id": str(customer_id) if customer_id else None}
    return Plan(customer_id, customer, await appointments.propose(actor, defaults | wanted.appointment))


async def _customer(
    customers: Customers, actor: Actor, request: ServiceRequest, fields: dict[str, object]
) -> tuple[UUID, Customer | None]:
    """The id of a customer who is there already, or of a new one and who that is."""
    draft = {"name": request.name, "email": request.email, "phone": request.phone} | fields
    known = await customers.with_email(actor, str(draft["email"]))
    if known is not None:
        return known.id, None
    customer = await customers.propose(actor, draft)
    return customer.id, customer


def _sensible(request: ServiceRequest, wanted: Conversion) -> None:
    to_customer = wanted.customer is not None or wanted.customer_id is not None
    if not to_customer and wanted.appointment is None:
        sentence = "Say what it becomes: customer, customer_id or appointment."
        raise wrong_field("customer", sentence, code=Conversion.refusal)
    if wanted.customer is not None and wanted.customer_id is not None:
        sentence = "Either a new customer or one who is there, not both."
        raise wrong_field("customer_id", sentence, code=Conversion.refusal)
    if to_customer and request.customer_id is not None:
        raise _already(request, "customer_id")
    if wanted.appointment is not None and request.appointment_id is not None:
        raise _already(request, "appointment_id")


def _already(request: ServiceRequest, place: str) -> Conflict:
    return Conflict(
        f"This service request has led to {'a customer' if place == 'customer_id' else 'an appointment'} already.",
        code="requests.already_converted",
        place=place,
        next_step=f"See {place} {getattr(request, place)}, or set {place} of the request to null first.",
    )
