"""Customers, appointments and service requests: what they look like, and what a plugin does with them."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypedDict, TypeVar

Entity = TypeVar("Entity")


class Customer(TypedDict, total=False):
    """A customer as the host stores it; `id` and times are texts, times in ISO 8601 UTC."""

    id: str
    name: str
    email: str
    company: str | None
    phone: str | None
    address: str | None
    postal_code: str | None
    city: str | None
    country: str | None
    type: str
    status: str
    newsletter: bool
    tags: list[str]
    notes: str | None
    version: int
    created_at: str
    updated_at: str


class Appointment(TypedDict, total=False):
    """An appointment as the host stores it; times are in ISO 8601 UTC, `local_start` in the time zone `time_zone`."""

    id: str
    title: str
    customer_id: str | None
    starts_at: str
    ends_at: str
    local_start: str
    time_zone: str
    duration_minutes: int
    location: str
    description: str
    status: str
    assignee_id: str | None
    version: int
    created_at: str
    updated_at: str


class ServiceRequest(TypedDict, total=False):
    """A service request as the host stores it; `customer_id` and `appointment_id` are what it has led to."""

    id: str
    name: str
    email: str
    phone: str
    service: str
    message: str
    source: str
    status: str
    assignee_id: str | None
    customer_id: str | None
    appointment_id: str | None
    version: int
    created_at: str
    updated_at: str


class Page(TypedDict, Generic[Entity]):
    """Some of the entities that match; `total` counts all of them."""

    items: list[Entity]
    total: int
    limit: int
    offset: int


class Collection(Generic[Entity]):
    """One kind of entity of this instance, within the plugin's grants and the rights of the user it acts for."""

    _noun = ""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def list(self, *, sort: str | None = None, limit: int = 50, offset: int = 0, **filters: Any) -> Page[Entity]:
        """One page of those that match all filters."""
        page: Page[Entity] = self._ask("list", _given({"sort": sort, "limit": limit, "offset": offset, **filters}))
        return page

    def all(self, **filters: Any) -> Iterator[Entity]:
        """All that match, read page by page."""
        offset = 0
        while True:
            page = self.list(limit=200, offset=offset, **filters)
            yield from page["items"]
            offset += len(page["items"])
            if not page["items"] or offset >= page["total"]:
                return

    def get(self, id: str) -> Entity:
        """One of them; raises `Missing` if there is none."""
        entity: Entity = self._ask("get", {"id": id})
        return entity

    def count(self, **filters: Any) -> int:
        """How many match all filters."""
        number: int = self._ask("count", _given(filters))
        return number

    def create(self, **fields: Any) -> Entity:
        """Add one with these fields."""
        entity: Entity = self._ask("create", {"fields": fields})
        return entity

    def update(self, id: str, **changes: Any) -> Entity:
        """Change these fields of one."""
        entity: Entity = self._ask("update", {"id": id, "changes": changes})
        return entity

    def delete(self, id: str) -> None:
        """Delete one."""
        self._ask("delete", {"id": id})

    def _ask(self, verb: str, arguments: dict[str, Any]) -> Any:
        return self._call(f"{self._noun}.{verb}", arguments)


class Customers(Collection[Customer]):
    """The customers; filters are `search`, `status`, `type`, `city`, `country`, `tag`, `newsletter`.

    `name` and `email` are required to create one.
    """

    _noun = "customers"


class Appointments(Collection[Appointment]):
    """The appointments; filters are `customer_id`, `assignee_id`, `status`, `starts_from` and `starts_before`.

    `title` and `starts_at` are required to create one. With `allow_overlap=True` it may be at the same time as others
    of its assignee.
    """

    _noun = "appointments"


class Requests(Collection[ServiceRequest]):
    """The service requests; filters are `search`, `status`, `assignee_id`, `customer_id`, `appointment_id`.

    `name` and `email` are required to create one.
    """

    _noun = "requests"

    def convert(self, id: str, **into: Any) -> ServiceRequest:
        """Make a `customer` (fields) of one, or link `customer_id`, and make an `appointment` (fields), all at once.

        `status` is the state it is in afterwards, `completed` unless it is given.
        """
        request: ServiceRequest = self._ask("convert", {"id": id, "into": into})
        return request


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
