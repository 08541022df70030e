"""What the host functions work on. The author's tools have it in memory, an instance in its database."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import CustomerQuery
from rising_bsm.runtime.log import CallLog


class AsJson(Protocol):
    """What can be sent to a plugin."""

    def as_dict(self) -> dict[str, Any]:
        """It as JSON."""


class CustomerService(Protocol):
    """The customers, as `business.customers.Customers` has them; it raises what that raises."""

    async def list(self, actor: Actor, query: CustomerQuery) -> AsJson:
        """One page of those that match."""

    async def count(self, actor: Actor, query: CustomerQuery) -> int:
        """How many match."""

    async def get(self, actor: Actor, customer_id: UUID) -> AsJson:
        """One of them."""

    async def create(self, actor: Actor, draft: dict[str, Any]) -> AsJson:
        """Adds one."""

    async def update(self, actor: Actor, customer_id: UUID, changes: dict[str, Any]) -> AsJson:
        """Changes one."""

    async def delete(self, actor: Actor, customer_id: UUID) -> None:
        """Removes one."""


class StorageService(Protocol):
    """The entries of one plugin: texts of 1 to 512 bytes and their JSON values, in the order of their UTF-8 bytes.

    Writing raises InvalidInput (`storage.invalid`), TooLarge (`storage.value_too_large`, `storage.full`).
    """

    async def get(self, key: str) -> dict[str, Any]:
        """`{"found": bool, "value": JSON}`."""

    async def set(self, key: str, value: Any) -> None:
        """Stores a JSON value."""

    async def delete(self, key: str) -> bool:
        """Removes an entry; whether there was one."""

    async def list(self, prefix: str, limit: int) -> dict[str, Any]:
        """The first entries whose keys start so, `{key: value}`; raises TooLarge (`storage.too_much`)."""

    async def count(self, prefix: str) -> int:
        """How many keys start so."""

    async def increment(self, key: str, by: int) -> int:
        """Adds to a whole number, which is 0 if there is no entry, in one step; the sum."""


@dataclass(frozen=True)
class HostServices:
    """What the host functions of one call work on."""

    customers: CustomerService
    storage: StorageService
    log: CallLog
