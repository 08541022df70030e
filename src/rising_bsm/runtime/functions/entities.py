"""What plugins do with any kind of entity: the six verbs, for a service of the business."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.business.entity import Entity
from rising_bsm.business.listing import Page
from rising_bsm.runtime.functions.arguments import Arguments, Id, OneOf
from rising_bsm.runtime.services import Business, HostServices

Verb = Callable[[HostServices, Actor, Any], Awaitable[Any]]


class New(Arguments):
    """A new entity; the fields are those of its draft."""

    fields: dict[str, Any]


class Changed(Arguments):
    """New values of some of an entity's fields."""

    id: Id
    changes: dict[str, Any]


class EntityService(Protocol):
    """What customers, appointments and service requests have in common; each raises what its own class says."""

    async def list(self, actor: Actor, query: Any) -> Page[Any]:
        """One page of those that match."""

    async def count(self, actor: Actor, query: Any) -> int:
        """How many match."""

    async def get(self, actor: Actor, _id: UUID, /) -> Entity:
        """One of them."""

    async def create(self, actor: Actor, draft: dict[str, Any]) -> Entity:
        """Adds one."""

    async def update(self, actor: Actor, _id: UUID, _changes: dict[str, Any], /) -> Entity:
        """Changes one."""

    async def delete(self, actor: Actor, _id: UUID, /) -> None:
        """Removes one."""


def verbs(service: Callable[[Business], EntityService]) -> tuple[Verb, Verb, Verb, Verb, Verb, Verb]:
    """The functions list, count, get, create, update and delete, in this order."""

    async def list(host: HostServices, actor: Actor, query: Any) -> Any:
        """One page of those that match."""
        return (await service(host.business).list(actor, query)).as_dict()

    async def count(host: HostServices, actor: Actor, query: Any) -> Any:
        """How many match."""
        return await service(host.business).count(actor, query)

    async def get(host: HostServices, actor: Actor, which: OneOf) -> Any:
        """One of them."""
        return (await service(host.business).get(actor, which.id)).as_dict()

    async def create(host: HostServices, actor: Actor, new: New) -> Any:
        """Add one."""
        return (await service(host.business).create(actor, new.fields)).as_dict()

    async def update(host: HostServices, actor: Actor, new: Changed) -> Any:
        """Change fields of one."""
        return (await service(host.business).update(actor, new.id, new.changes)).as_dict()

    async def delete(host: HostServices, actor: Actor, which: OneOf) -> Any:
        """Delete one."""
        await service(host.business).delete(actor, which.id)

    return list, count, get, create, update, delete
