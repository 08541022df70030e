"""What the business does with appointments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.users import User
from rising_bsm.business import writing
from rising_bsm.business.appointments.model import Appointment
from rising_bsm.business.appointments.queries import AppointmentQueries
from rising_bsm.business.appointments.schema import AppointmentDraft, AppointmentQuery
from rising_bsm.business.customers.model import Customer
from rising_bsm.business.listing import Page
from rising_bsm.db import Database, iso, uuid7
from rising_bsm.errors import Conflict
from rising_bsm.hooks import Event, HookPoints

AT_ONCE = 2_000
"""How many appointments of a period are given at most."""

_ALL = AppointmentQuery()
_WHEN = frozenset({"starts_at", "duration_minutes", "assignee_id"})


class Appointments:
    """The appointments in `database`; `hooks` may look at what is about to be written, change it or refuse it.

    Every method raises PermissionDenied unless the actor has the permission named like it (reading:
    `appointments.read`). Nobody has two at the same time unless the draft says `allow_overlap`; cancelled ones take no
    time.
    """

    def __init__(self, database: Database, hooks: HookPoints) -> None:
        self._database = database
        self._hooks = hooks

    async def get(self, actor: Actor, appointment_id: UUID) -> Appointment:
        """The appointment with this id; raises NotFound."""
        actor.require("appointments.read")
        return await writing.stored(self._database, Appointment, appointment_id)

    async def list(self, actor: Actor, query: AppointmentQuery = _ALL) -> Page[Appointment]:
        """One page of the appointments that the query describes."""
        actor.require("appointments.read")
        async with self._database.reading() as session:
            return await AppointmentQueries(session).page(query)

    async def count(self, actor: Actor, query: AppointmentQuery = _ALL) -> int:
        """How many appointments the query describes, whatever its page."""
        actor.require("appointments.read")
        async with self._database.reading() as session:
            return await AppointmentQueries(session).count(query)

    async def during(
        self, actor: Actor, since: datetime, until: datetime, query: AppointmentQuery = _ALL
    ) -> Sequence[Appointment]:
        """Those that take some of this time and that the query is about, by their start; `AT_ONCE` at most."""
        actor.require("appointments.read")
        async with self._database.reading() as session:
            return await AppointmentQueries(session).during(since, until, query, AT_ONCE)

    async def create(self, actor: Actor, draft: dict[str, Any]) -> Appointment:
        """Adds an appointment. Raises InvalidInput with every wrong field, Conflict (`appointments.overlap`)."""
        appointment = await self.propose(actor, draft)
        async with self._database.transaction() as session:
            await self.add(session, actor, appointment)
        return appointment

    async def propose(self, actor: Actor, draft: dict[str, Any]) -> Appointment:
        """The appointment that `create` would add, past all hooks, for `add`. No transaction may be open."""
        actor.require("appointments.create")
        proposed = AppointmentDraft.of(draft)
        accepted = await writing.past_hooks(self._hooks, Appointment.noun, "create", proposed, None, actor)
        appointment = Appointment(id=uuid7())
        appointment.change(accepted.model_dump())
        return appointment

    async def add(self, session: AsyncSession, actor: Actor, appointment: Appointment) -> None:
        """Adds a proposed appointment in the transaction of `session`. Raises InvalidInput, Conflict."""
        await writing.refer(session, _references(appointment), code=AppointmentDraft.refusal)
        await self._free(session, appointment)
        await writing.create(session, self._hooks, appointment, actor)

    async def update(
        self, actor: Actor, appointment_id: UUID, changes: dict[str, Any], *, expected_version: int | None = None
    ) -> Appointment:
        """Writes the fields named in `changes` and leaves the others.

        Raises NotFound, InvalidInput with every wrong field, Conflict: `appointments.overlap`, or
        `appointments.changed_meanwhile` when somebody else wrote since `expected_version`, or while the hooks ran.
        """
        actor.require("appointments.update")
        appointment = await writing.stored(self._database, Appointment, appointment_id, expected_version)
        before = appointment.as_dict()
        proposed = writing.changed(AppointmentDraft, appointment, changes)
        accepted = await writing.past_hooks(self._hooks, Appointment.noun, "update", proposed, before, actor)
        if changed := accepted.changes_of(appointment.as_draft()):
            appointment.allow_overlap = accepted.allow_overlap
            with writing.unless_changed(Appointment.noun, appointment_id):
                async with self._database.transaction() as session:
                    await self._change(session, actor, appointment, changed, before)
        return appointment

    async def delete(self, actor: Actor, appointment_id: UUID, *, expected_version: int | None = None) -> None:
        """Removes the appointment; what hooks return is of no effect, but they may refuse.

        Raises NotFound, Conflict (`appointments.changed_meanwhile`).
        """
        actor.require("appointments.delete")
        await writing.remove(self._database, self._hooks, Appointment, appointment_id, expected_version, actor)

    async def _change(
        self,
        session: AsyncSession,
        actor: Actor,
        appointment: Appointment,
        changed: dict[str, Any],
        before: dict[str, Any],
    ) -> None:
        took_time = appointment.takes_time
        appointment.change(changed)
        references = {name: one for name, one in _references(appointment).items() if name in changed}
        await writing.refer(session, references, code=AppointmentDraft.refusal)
        if changed.keys() & _WHEN or not took_time:
            await self._free(session, appointment)
        await writing.update(session, self._hooks, appointment, changed, before, actor)
        if "status" in changed:
            after = appointment.as_dict()
            event = Event("appointment.status_changed", str(appointment.id), before, after, actor)
            await self._hooks.run_after(session, event)

    async def _free(self, session: AsyncSession, appointment: Appointment) -> None:
        if appointment.allow_overlap or not appointment.takes_time:
            return
        # Whoever gives somebody an appointment locks that person's row first: two cannot overlook each other.
        await session.get(User, appointment.assignee_id, with_for_update={"key_share": True})
        other = await AppointmentQueries(session).at_the_same_time(appointment)
        if other is not None:
            raise _overlap(other)


def _references(appointment: Appointment) -> dict[str, writing.Referred]:
    return {"customer_id": (Customer, appointment.customer_id), "assignee_id": (User, appointment.assignee_id)}


def _overlap(other: Appointment) -> Conflict:
    return Conflict(
        f"The assignee has another appointment from {iso(other.starts_at)} to {iso(other.ends_at)}.",
        code="appointments.overlap",
        place="starts_at",
        next_step="Choose another time or somebody else, or send allow_overlap as true.",
    )
