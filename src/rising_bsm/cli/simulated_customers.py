"""The demo customers in memory, with the verbs of the real ones.

Nothing in it is chance: equal calls at equal times give equal answers, ids included.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import Customer, CustomerDraft, CustomerQuery, Page
from rising_bsm.business.demo import demo_drafts
from rising_bsm.errors import Conflict, NotFound

EVERYBODY = CustomerQuery()
EQUAL = ("status", "type", "city", "country", "newsletter")


class SimulatedCustomers:
    """Customers in memory; every verb raises what `rising_bsm.business.customers.Customers` raises.

    No hook runs on what is written: there is only one plugin, and it is being looked at already.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._made = 0
        self._kept: dict[UUID, Customer] = {}
        for draft in demo_drafts():
            self._add(CustomerDraft.of(draft).model_dump())

    async def get(self, actor: Actor, customer_id: UUID) -> Customer:
        """The customer with this id; raises NotFound."""
        actor.require("customers.read")
        return self._stored(customer_id)

    async def list(self, actor: Actor, query: CustomerQuery = EVERYBODY) -> Page:
        """One page of the customers that the query describes."""
        actor.require("customers.read")
        name, backwards = query.sort.removeprefix("-"), query.sort.startswith("-")
        found = sorted(self._found(query), key=lambda one: (_sortable(getattr(one, name)), one.id), reverse=backwards)
        return Page(found[query.offset :][: query.limit], len(found), query.limit, query.offset)

    async def count(self, actor: Actor, query: CustomerQuery = EVERYBODY) -> int:
        """How many customers the query describes."""
        actor.require("customers.read")
        return len(self._found(query))

    async def create(self, actor: Actor, draft: dict[str, Any]) -> Customer:
        """Adds a customer; raises InvalidInput, Conflict."""
        actor.require("customers.create")
        return self._add(CustomerDraft.of(draft).model_dump())

    async def update(self, actor: Actor, customer_id: UUID, changes: dict[str, Any]) -> Customer:
        """Writes the fields named in `changes`; raises NotFound, InvalidInput, Conflict."""
        actor.require("customers.update")
        customer = self._stored(customer_id)
        values = CustomerDraft.of(customer.as_draft() | changes).model_dump()
        self._refuse_taken(values["email"], customer)
        customer.change(values)
        customer.version += 1
        customer.updated_at = self._clock()
        return customer

    async def delete(self, actor: Actor, customer_id: UUID) -> None:
        """Removes the customer; raises NotFound."""
        actor.require("customers.delete")
        del self._kept[self._stored(customer_id).id]

    def _add(self, values: dict[str, Any]) -> Customer:
        self._refuse_taken(values["email"], None)
        self._made += 1
        now = self._clock()
        customer = Customer(id=UUID(int=7 << 76 | 0b10 << 62 | self._made), version=1, created_at=now, updated_at=now)
        customer.change(values)
        self._kept[customer.id] = customer
        return customer

    def _stored(self, customer_id: UUID) -> Customer:
        if customer_id in self._kept:
            return self._kept[customer_id]
        raise NotFound("There is no customer with this id.", code="customers.not_found", place=str(customer_id))

    def _refuse_taken(self, email: str, customer: Customer | None) -> None:
        if any(kept.email == email for kept in self._kept.values() if kept is not customer):
            raise Conflict(
                f"There is a customer with the e-mail address {email} already.",
                code="customers.email_taken",
                place="email",
                next_step="Use another address, or change the customer who has it.",
            )

    def _found(self, query: CustomerQuery) -> Sequence[Customer]:
        wanted = {name: getattr(query, name) for name in EQUAL if getattr(query, name) not in (None, "")}
        return [
            customer
            for customer in self._kept.values()
            if all(getattr(customer, name) == value for name, value in wanted.items())
            and (query.search or "").casefold() in customer.search_text
            and (not query.tag or query.tag in customer.tags)
        ]


def _sortable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
