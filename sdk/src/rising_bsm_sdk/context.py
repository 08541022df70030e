"""`ctx`: everything a plugin can reach, and the only way to reach it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypedDict

HostCall = Callable[[str, dict[str, Any]], Any]


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


class CustomerPage(TypedDict):
    """One page of customers; `total` counts all that match."""

    items: list[Customer]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True)
class PluginInfo:
    """Who this plugin is on this instance."""

    id: str
    version: str


class Customers:
    """The customers of this instance, within the plugin's grants and the rights of the user it acts for."""

    def __init__(self, call: HostCall) -> None:
        self._call = call

    def list(
        self, *, search: str | None = None, sort: str | None = None, limit: int = 50, offset: int = 0, **filters: Any
    ) -> CustomerPage:
        """One page of customers; filters are `status`, `type`, `city`, `country`, `tag`, `newsletter`."""
        arguments = {"search": search, "sort": sort, "limit": limit, "offset": offset, **filters}
        page: CustomerPage = self._call("customers.list", _given(arguments))
        return page

    def all(self, **filters: Any) -> Iterator[Customer]:
        """Every matching customer, read page by page."""
        offset = 0
        while True:
            page = self.list(limit=200, offset=offset, **filters)
            yield from page["items"]
            offset += len(page["items"])
            if not page["items"] or offset >= page["total"]:
                return

    def get(self, id: str) -> Customer:
        """One customer; raises `Missing` if there is none."""
        customer: Customer = self._call("customers.get", {"id": id})
        return customer

    def count(self, *, search: str | None = None, **filters: Any) -> int:
        """How many customers match."""
        number: int = self._call("customers.count", _given({"search": search, **filters}))
        return number

    def create(self, **fields: Any) -> Customer:
        """Create a customer; `name` and `email` are required."""
        customer: Customer = self._call("customers.create", {"fields": fields})
        return customer

    def update(self, id: str, **changes: Any) -> Customer:
        """Change fields of a customer."""
        customer: Customer = self._call("customers.update", {"id": id, "changes": changes})
        return customer

    def delete(self, id: str) -> None:
        """Delete a customer."""
        self._call("customers.delete", {"id": id})


class Storage:
    """Key-value storage of this plugin alone; keys are texts, values are JSON."""

    def __init__(self, call: HostCall) -> None:
        self._call = call

    def get(self, key: str, default: Any = None) -> Any:
        """The value at `key`, or `default`."""
        found = self._call("storage.get", {"key": key})
        return found["value"] if found["found"] else default

    def set(self, key: str, value: Any) -> None:
        """Store a JSON value at `key`."""
        self._call("storage.set", {"key": key, "value": value})

    def delete(self, key: str) -> bool:
        """Remove `key`; true if it was there."""
        removed: bool = self._call("storage.delete", {"key": key})
        return removed

    def list(self, prefix: str = "", *, limit: int = 200) -> dict[str, Any]:
        """The keys that start with `prefix` and their values, in key order, at most `limit`."""
        items: dict[str, Any] = self._call("storage.list", {"prefix": prefix, "limit": limit})
        return items

    def count(self, prefix: str = "") -> int:
        """How many keys start with `prefix`."""
        number: int = self._call("storage.count", {"prefix": prefix})
        return number

    def increment(self, key: str, by: int = 1) -> int:
        """Add to the whole number at `key` (0 if there is none) in one step; returns the sum."""
        number: int = self._call("storage.increment", {"key": key, "by": by})
        return number


class Log:
    """The plugin's log, shown to the administrator."""

    def __init__(self, call: HostCall) -> None:
        self._call = call

    def info(self, message: str, **details: Any) -> None:
        """Something worth knowing happened."""
        self._write("info", message, details)

    def warning(self, message: str, **details: Any) -> None:
        """Something is not as it should be."""
        self._write("warning", message, details)

    def error(self, message: str, **details: Any) -> None:
        """Something failed."""
        self._write("error", message, details)

    def _write(self, level: str, message: str, details: dict[str, Any]) -> None:
        self._call("log", {"level": level, "message": str(message), "details": details})


class Context:
    """What every handler gets as its first argument."""

    def __init__(self, plugin: PluginInfo, call: HostCall) -> None:
        self.plugin = plugin
        self.customers = Customers(call)
        self.storage = Storage(call)
        self.log = Log(call)


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
