"""Whom forms and filters offer: colleagues in a list, customers by a search; and what they are called in tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.accounts.colleagues import ColleagueQuery
from rising_bsm.business.customers import Customer, CustomerQuery
from rising_bsm.errors import InvalidInput, NotFound
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services

_MOST = 8
_COLLEAGUES = ColleagueQuery(active=True, limit=200)


@dataclass(frozen=True)
class Picker:
    """What `parts/picker.html` shows of the customers: those who were searched for, and the one who is chosen."""

    search: str = ""
    found: tuple[Customer, ...] = ()
    more: int = 0
    chosen: Customer | None = None

    @property
    def offered(self) -> list[Customer]:
        """The one who is chosen, then those who were found."""
        first = [self.chosen] if self.chosen else []
        return first + [one for one in self.found if self.chosen is None or one.id != self.chosen.id]


async def picker(request: StrictRequest, chosen: str = "") -> Picker | None:
    """Those whom the address searches for by `find`, and whoever has the id `chosen`; None for who may see none."""
    services: Services = request.app.state.services
    actor: Actor = request.user
    if not actor.may("customers.read"):
        return None
    search = request.query_params.get("find", "").strip()[:200]
    if not search:
        return Picker(chosen=await _customer(services, actor, chosen))
    found = await services.customers.list(actor, CustomerQuery(search=search, limit=_MOST))
    more = found.total - len(found.items)
    return Picker(search, tuple(found.items), more, await _customer(services, actor, chosen))


async def colleagues(request: StrictRequest, first: str, chosen: str = "") -> list[tuple[str, str]]:
    """The options of a choice among those who work here: nobody in particular, oneself, the others by name.

    Whoever is `chosen` is among them, also when they do not work here any more.
    """
    services: Services = request.app.state.services
    actor: Actor = request.user
    known = (await services.colleagues.list(actor, _COLLEAGUES)).items if actor.may("users.read") else []
    others = [(str(one.user.id), one.user.name) for one in known if one.user.id != actor.user_id]
    own = [(str(actor.user_id), _("%(name)s (me)") % {"name": actor.name})] if actor.user_id else []
    options = [("", first), *own, *others]
    return options if chosen in dict(options) else [*options, (chosen, await _name(services, actor, chosen))]


async def names_of(request: StrictRequest, entities: Iterable[Any]) -> dict[UUID, str]:
    """What the customers and assignees of these are called, by id; without those whom the actor may not know."""
    services: Services = request.app.state.services
    actor, entities = request.user, list(entities)
    customer_ids = {one.customer_id for one in entities if one.customer_id}
    user_ids = {one.assignee_id for one in entities if one.assignee_id}
    customers = await services.customers.names(actor, customer_ids) if _asks(actor, "customers", customer_ids) else {}
    people = await services.colleagues.names(actor, user_ids) if _asks(actor, "users", user_ids) else {}
    return customers | people


def _asks(actor: Actor, of: str, ids: set[UUID]) -> bool:
    return bool(ids) and actor.may(f"{of}.read")


async def _name(services: Services, actor: Actor, user_id: str) -> str:
    try:
        found = await services.colleagues.names(actor, [UUID(user_id)]) if actor.may("users.read") else {}
    except ValueError:
        found = {}
    return next(iter(found.values()), _("Somebody else"))


async def _customer(services: Services, actor: Actor, customer_id: str) -> Customer | None:
    try:
        return await services.customers.get(actor, UUID(customer_id)) if customer_id else None
    except (ValueError, NotFound, InvalidInput):
        return None
