"""What the business does with customers."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.validation import canonical_email
from rising_bsm.business import writing
from rising_bsm.business.customers.model import Customer
from rising_bsm.business.customers.queries import CustomerQueries
from rising_bsm.business.customers.schema import CustomerDraft, CustomerQuery
from rising_bsm.business.listing import Page
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict
from rising_bsm.hooks import HookPoints

_EVERYBODY = CustomerQuery()


class Customers:
    """The customers in `database`; `hooks` may look at what is about to be written, change it or refuse it.

    Every method raises PermissionDenied unless the actor has the permission named like it (reading: `customers.read`).
    """

    def __init__(self, database: Database, hooks: HookPoints) -> None:
        self._database = database
        self._hooks = hooks

    async def get(self, actor: Actor, customer_id: UUID) -> Customer:
        """The customer with this id; raises NotFound."""
        actor.require("customers.read")
        return await writing.stored(self._database, Customer, customer_id)

    async def with_email(self, actor: Actor, email: str) -> Customer | None:
        """The customer with this e-mail address, if there is one."""
        actor.require("customers.read")
        async with self._database.reading() as session:
            return await CustomerQueries(session).by_email(canonical_email(email) or "")

    async def names(self, actor: Actor, customer_ids: Collection[UUID]) -> dict[UUID, str]:
        """What those of them are called that are there, by id."""
        actor.require("customers.read")
        async with self._database.reading() as session:
            return await CustomerQueries(session).names(customer_ids)

    async def list(self, actor: Actor, query: CustomerQuery = _EVERYBODY) -> Page[Customer]:
        """One page of the customers that the query describes."""
        actor.require("customers.read")
        async with self._database.reading() as session:
            return await CustomerQueries(session).page(query)

    async def count(self, actor: Actor, query: CustomerQuery = _EVERYBODY) -> int:
        """How many customers the query describes, whatever its page."""
        actor.require("customers.read")
        async with self._database.reading() as session:
            return await CustomerQueries(session).count(query)

    async def create(self, actor: Actor, draft: dict[str, Any]) -> Customer:
        """Adds a customer. Raises InvalidInput with every wrong field, Conflict (`customers.email_taken`)."""
        customer = await self.propose(actor, draft)
        with email_taken_by_another(customer.email):
            async with self._database.transaction() as session:
                await self.add(session, actor, customer)
        return customer

    async def propose(self, actor: Actor, draft: dict[str, Any]) -> Customer:
        """The customer that `create` would add, past all hooks, for `add`. No transaction may be open."""
        actor.require("customers.create")
        proposed = CustomerDraft.of(draft)
        accepted = await writing.past_hooks(self._hooks, Customer.noun, "create", proposed, None, actor)
        customer = Customer(id=uuid7())
        customer.change(accepted.model_dump())
        return customer

    async def add(self, session: AsyncSession, actor: Actor, customer: Customer) -> None:
        """Adds a proposed customer in the transaction of `session`; for around it there is `email_taken_by_another`."""
        await writing.create(session, self._hooks, customer, actor)

    async def update(
        self, actor: Actor, customer_id: UUID, changes: dict[str, Any], *, expected_version: int | None = None
    ) -> Customer:
        """Writes the fields named in `changes` and leaves the others.

        Raises NotFound, InvalidInput with every wrong field, Conflict: `customers.email_taken`, or
        `customers.changed_meanwhile` when somebody else wrote since `expected_version`, or while the hooks ran.
        """
        actor.require("customers.update")
        customer = await writing.stored(self._database, Customer, customer_id, expected_version)
        before = customer.as_dict()
        proposed = writing.changed(CustomerDraft, customer, changes)
        accepted = await writing.past_hooks(self._hooks, Customer.noun, "update", proposed, before, actor)
        if changed := accepted.changes_of(customer.as_draft()):
            with writing.unless_changed(Customer.noun, customer_id), email_taken_by_another(accepted.email):
                async with self._database.transaction() as session:
                    await writing.update(session, self._hooks, customer, changed, before, actor)
        return customer

    async def delete(self, actor: Actor, customer_id: UUID, *, expected_version: int | None = None) -> None:
        """Removes the customer; what hooks return is of no effect, but they may refuse.

        Raises NotFound, Conflict: `customers.changed_meanwhile`, or `customers.has_appointments` while there are any.
        """
        actor.require("customers.delete")
        try:
            await writing.remove(self._database, self._hooks, Customer, customer_id, expected_version, actor)
        except IntegrityError:
            raise await self._has_appointments(customer_id) from None

    async def _has_appointments(self, customer_id: UUID) -> Conflict:
        async with self._database.reading() as session:
            count = await CustomerQueries(session).appointments_of(customer_id)
        return Conflict(
            f"There {'is an appointment' if count == 1 else f'are {count} appointments'} with this customer.",
            code="customers.has_appointments",
            place=str(customer_id),
            next_step="Delete the appointments first, or set the customer's status to inactive.",
        )


@contextmanager
def email_taken_by_another(email: str) -> Iterator[None]:
    """Around a transaction: raises Conflict when it failed because another customer has this address."""
    try:
        yield
    except IntegrityError as error:
        if "email" not in str(error.orig):
            raise
        raise Conflict(
            f"There is a customer with the e-mail address {email} already.",
            code="customers.email_taken",
            place="email",
            next_step="Use another address, or change the customer who has it.",
        ) from None
