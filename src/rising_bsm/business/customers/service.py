"""What the business does with customers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from rising_bsm.accounts.activity import record
from rising_bsm.accounts.actor import Actor
from rising_bsm.business.customers.model import Customer
from rising_bsm.business.customers.queries import CustomerQueries, Page
from rising_bsm.business.customers.schema import CustomerDraft, CustomerQuery
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict, InvalidInput, NotFound
from rising_bsm.hooks import HookPoints

_EVERYBODY = CustomerQuery()


class Customers:
    """The customers in `database`; `hooks` may look at what is about to be written, change it or refuse it.

    Every method raises PermissionDenied unless the actor has the permission named like it (`list` and `count`: read).
    """

    def __init__(self, database: Database, hooks: HookPoints) -> None:
        self._database = database
        self._hooks = hooks

    async def get(self, actor: Actor, customer_id: UUID) -> Customer:
        """The customer with this id; raises NotFound."""
        actor.require("customers.read")
        return await self._stored(customer_id)

    async def list(self, actor: Actor, query: CustomerQuery = _EVERYBODY) -> Page:
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
        actor.require("customers.create")
        proposed = CustomerDraft.of(draft).model_dump()
        values = await self._past_hooks("customers.create", proposed, None, actor)
        customer = Customer(id=uuid7())
        customer.change(values)
        given = sorted(name for name, value in values.items() if value)
        with _conflicts(customer.id, values["email"]):
            async with self._database.transaction() as session:
                session.add(customer)
                record(session, actor, "customers.create", "customer", customer.id, {"fields": given})
        return customer

    async def update(
        self, actor: Actor, customer_id: UUID, changes: dict[str, Any], *, expected_version: int | None = None
    ) -> Customer:
        """Writes the fields named in `changes` and leaves the others.

        Raises NotFound, InvalidInput with every wrong field, Conflict: `customers.email_taken`, or
        `customers.changed_meanwhile` when somebody else wrote since `expected_version`, or while the hooks ran.
        """
        actor.require("customers.update")
        customer = await self._stored(customer_id, expected_version)
        before = customer.as_draft()
        proposed = CustomerDraft.of(before | changes if isinstance(changes, dict) else changes).model_dump()
        values = await self._past_hooks("customers.update", proposed, customer.as_dict(), actor)
        changed = {name: value for name, value in values.items() if value != before[name]}
        if changed:
            with _conflicts(customer_id, values["email"]):
                async with self._database.transaction() as session:
                    session.add(customer)
                    customer.change(changed)
                    record(session, actor, "customers.update", "customer", customer.id, {"fields": sorted(changed)})
        return customer

    async def delete(self, actor: Actor, customer_id: UUID, *, expected_version: int | None = None) -> None:
        """Removes the customer; what hooks return is of no effect, but they may refuse.

        Raises NotFound, Conflict (`customers.changed_meanwhile`).
        """
        actor.require("customers.delete")
        customer = await self._stored(customer_id, expected_version)
        await self._hooks.run_before("customers.delete", customer.as_draft(), customer.as_dict(), actor)
        with _conflicts(customer_id, customer.email):
            async with self._database.transaction() as session:
                await session.delete(customer)
                record(session, actor, "customers.delete", "customer", customer.id, {})

    async def _stored(self, customer_id: UUID, expected_version: int | None = None) -> Customer:
        async with self._database.reading() as session:
            customer = await CustomerQueries(session).by_id(customer_id)
        if customer is None:
            raise NotFound("There is no customer with this id.", code="customers.not_found", place=str(customer_id))
        if expected_version not in (None, customer.version):
            raise _changed_meanwhile(customer_id)
        return customer

    async def _past_hooks(
        self, point: str, proposed: dict[str, Any], current: dict[str, Any] | None, actor: Actor
    ) -> dict[str, Any]:
        # No transaction is open here. A hook is as little trusted as the one who sent the draft.
        answer = await self._hooks.run_before(point, proposed, current, actor)
        try:
            return CustomerDraft.of(answer).model_dump()
        except InvalidInput as error:
            message = f"What the plugins on {point} made of the customer cannot be stored. {error.message}"
            step = "An administrator can deactivate the plugin; its author must correct it."
            raise InvalidInput(
                message, fields=error.fields, code="customers.invalid_after_hooks", place=error.place, next_step=step
            ) from None


@contextmanager
def _conflicts(customer_id: UUID, email: str) -> Iterator[None]:
    try:
        yield
    except StaleDataError:
        raise _changed_meanwhile(customer_id) from None
    except IntegrityError as error:
        if "email" not in str(error.orig):
            raise
        raise Conflict(
            f"There is a customer with the e-mail address {email} already.",
            code="customers.email_taken",
            place="email",
            next_step="Use another address, or change the customer who has it.",
        ) from None


def _changed_meanwhile(customer_id: UUID) -> Conflict:
    return Conflict(
        "Somebody else changed or removed this customer meanwhile.",
        code="customers.changed_meanwhile",
        place=str(customer_id),
        next_step="Read the customer again and repeat the change.",
    )
