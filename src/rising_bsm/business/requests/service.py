"""What the business does with service requests."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.users import User
from rising_bsm.business import writing
from rising_bsm.business.appointments import Appointment, Appointments
from rising_bsm.business.customers import Customer, Customers
from rising_bsm.business.customers.service import email_taken_by_another
from rising_bsm.business.listing import Page
from rising_bsm.business.requests.conversion import planned
from rising_bsm.business.requests.model import ServiceRequest
from rising_bsm.business.requests.queries import RequestQueries
from rising_bsm.business.requests.schema import Conversion, RequestDraft, RequestQuery, Submission
from rising_bsm.db import Database, uuid7
from rising_bsm.hooks import Event, HookPoints

VISITOR = Actor(user_id=None, name="visitor", permissions=frozenset({"requests.create"}))
"""Whoever sends a service request without being known here."""

_ALL = RequestQuery()


class Requests:
    """The service requests in `database`; `hooks` may look at what is about to be written, change it or refuse it.

    Every method raises PermissionDenied unless the actor has the permission named like it (reading: `requests.read`).
    """

    def __init__(self, database: Database, hooks: HookPoints) -> None:
        self._database = database
        self._hooks = hooks
        self._customers = Customers(database, hooks)
        self._appointments = Appointments(database, hooks)

    async def get(self, actor: Actor, request_id: UUID) -> ServiceRequest:
        """The service request with this id; raises NotFound."""
        actor.require("requests.read")
        return await writing.stored(self._database, ServiceRequest, request_id)

    async def list(self, actor: Actor, query: RequestQuery = _ALL) -> Page[ServiceRequest]:
        """One page of the service requests that the query describes."""
        actor.require("requests.read")
        async with self._database.reading() as session:
            return await RequestQueries(session).page(query)

    async def count(self, actor: Actor, query: RequestQuery = _ALL) -> int:
        """How many service requests the query describes, whatever its page."""
        actor.require("requests.read")
        async with self._database.reading() as session:
            return await RequestQueries(session).count(query)

    async def submit(self, submission: dict[str, Any]) -> None:
        """Takes a service request from a visitor. Raises InvalidInput with every wrong field."""
        await self.create(VISITOR, Submission.of(submission).as_json() | {"source": "website"})

    async def create(self, actor: Actor, draft: dict[str, Any]) -> ServiceRequest:
        """Adds a service request. Raises InvalidInput with every wrong field."""
        actor.require("requests.create")
        proposed = RequestDraft.of(draft)
        accepted = await writing.past_hooks(self._hooks, ServiceRequest.noun, "create", proposed, None, actor)
        request = ServiceRequest(id=uuid7())
        request.change(accepted.model_dump())
        async with self._database.transaction() as session:
            await writing.refer(session, _references(request), code=RequestDraft.refusal)
            await writing.create(session, self._hooks, request, actor)
        return request

    async def update(
        self, actor: Actor, request_id: UUID, changes: dict[str, Any], *, expected_version: int | None = None
    ) -> ServiceRequest:
        """Writes the fields named in `changes` and leaves the others.

        Raises NotFound, InvalidInput with every wrong field, Conflict (`requests.changed_meanwhile`) when somebody
        else wrote since `expected_version`, or while the hooks ran.
        """
        actor.require("requests.update")
        request = await writing.stored(self._database, ServiceRequest, request_id, expected_version)
        before = request.as_dict()
        accepted = await self._propose(actor, request, changes)
        with writing.unless_changed(ServiceRequest.noun, request_id):
            async with self._database.transaction() as session:
                await self._change(session, actor, request, accepted, before)
        return request

    async def convert(
        self, actor: Actor, request_id: UUID, draft: dict[str, Any], *, expected_version: int | None = None
    ) -> ServiceRequest:
        """Makes a customer, an appointment or both of the service request, all at once or not at all.

        Needs `requests.update`; `customers.read` to take a customer who is there, `customers.create` to add one,
        `appointments.create` for an appointment. Raises what creating these raises, NotFound, InvalidInput, Conflict:
        `requests.already_converted`, or `requests.changed_meanwhile` as `update` does.
        """
        actor.require("requests.update")
        wanted = Conversion.of(draft)
        request = await writing.stored(self._database, ServiceRequest, request_id, expected_version)
        before = request.as_dict()
        become = await planned(self._customers, self._appointments, actor, request, wanted)
        accepted = await self._propose(actor, request, become.links | {"status": wanted.status})
        with writing.unless_changed(ServiceRequest.noun, request_id), email_taken_by_another(become.email):
            async with self._database.transaction() as session:
                if become.customer is not None:
                    await self._customers.add(session, actor, become.customer)
                if become.appointment is not None:
                    await self._appointments.add(session, actor, become.appointment)
                await self._change(session, actor, request, accepted, before)
                event = Event("request.converted", str(request_id), before, request.as_dict(), actor)
                await self._hooks.run_after(session, event)
        return request

    async def delete(self, actor: Actor, request_id: UUID, *, expected_version: int | None = None) -> None:
        """Removes the service request; what hooks return is of no effect, but they may refuse.

        Raises NotFound, Conflict (`requests.changed_meanwhile`).
        """
        actor.require("requests.delete")
        await writing.remove(self._database, self._hooks, ServiceRequest, request_id, expected_version, actor)

    async def _propose(self, actor: Actor, request: ServiceRequest, changes: object) -> RequestDraft:
        proposed = writing.changed(RequestDraft, request, changes)
        return await writing.past_hooks(self._hooks, ServiceRequest.noun, "update", proposed, request.as_dict(), actor)

    async def _change(
        self,
        session: AsyncSession,
        actor: Actor,
        request: ServiceRequest,
        accepted: RequestDraft,
        before: dict[str, Any],
    ) -> None:
        if changed := accepted.changes_of(request.as_draft()):
            request.change(changed)
            references = {name: one for name, one in _references(request).items() if name in changed}
            await writing.refer(session, references, code=RequestDraft.refusal)
            await writing.update(session, self._hooks, request, changed, before, actor)


def _references(request: ServiceRequest) -> dict[str, writing.Referred]:
    return {
        "assignee_id": (User, request.assignee_id),
        "customer_id": (Customer, request.customer_id),
        "appointment_id": (Appointment, request.appointment_id),
    }
