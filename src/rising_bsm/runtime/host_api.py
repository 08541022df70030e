"""Everything that a plugin can ask of the host. There is no other way out of the sandbox."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.runtime import host_arguments as arguments
from rising_bsm.runtime.services import HostServices


@dataclass(frozen=True)
class HostFunction:
    """One function: the permission it `needs`, if any, what it takes, and what it does.

    `call(services, actor, arguments)` gives what the plugin gets, as JSON.
    """

    name: str
    needs: str | None
    arguments: type[Input]
    call: Callable[[HostServices, Actor, Any], Awaitable[Any]]
    doc: str


async def _list_customers(host: HostServices, actor: Actor, query: arguments.CustomersMatching) -> Any:
    return (await host.customers.list(actor, query)).as_dict()


async def _count_customers(host: HostServices, actor: Actor, query: arguments.CustomersMatching) -> Any:
    return await host.customers.count(actor, query)


async def _get_customer(host: HostServices, actor: Actor, which: arguments.CustomerId) -> Any:
    return (await host.customers.get(actor, which.id)).as_dict()


async def _create_customer(host: HostServices, actor: Actor, new: arguments.CustomerFields) -> Any:
    return (await host.customers.create(actor, new.fields)).as_dict()


async def _update_customer(host: HostServices, actor: Actor, new: arguments.CustomerChanges) -> Any:
    return (await host.customers.update(actor, new.id, new.changes)).as_dict()


async def _delete_customer(host: HostServices, actor: Actor, which: arguments.CustomerId) -> Any:
    await host.customers.delete(actor, which.id)


async def _get(host: HostServices, _actor: Actor, entry: arguments.StorageKey) -> Any:
    return await host.storage.get(entry.key)


async def _set(host: HostServices, _actor: Actor, entry: arguments.StorageEntry) -> Any:
    await host.storage.set(entry.key, entry.value)


async def _delete(host: HostServices, _actor: Actor, entry: arguments.StorageKey) -> Any:
    return await host.storage.delete(entry.key)


async def _list(host: HostServices, _actor: Actor, page: arguments.StoragePage) -> Any:
    return await host.storage.list(page.prefix, page.limit)


async def _count(host: HostServices, _actor: Actor, which: arguments.StoragePrefix) -> Any:
    return await host.storage.count(which.prefix)


async def _increment(host: HostServices, _actor: Actor, step: arguments.StorageStep) -> Any:
    return await host.storage.increment(step.key, step.by)


async def _log(host: HostServices, _actor: Actor, line: arguments.LogEntry) -> Any:
    host.log.write(line.level, line.message, line.details)


# fmt: off
HOST_API: tuple[HostFunction, ...] = (
    HostFunction("customers.list", "customers.read", arguments.CustomersMatching, _list_customers, "One page."),
    HostFunction("customers.count", "customers.read", arguments.CustomersMatching, _count_customers, "How many match."),
    HostFunction("customers.get", "customers.read", arguments.CustomerId, _get_customer, "One customer."),
    HostFunction("customers.create", "customers.create", arguments.CustomerFields, _create_customer, "Add a customer."),
    HostFunction("customers.update", "customers.update", arguments.CustomerChanges, _update_customer, "Change fields."),
    HostFunction("customers.delete", "customers.delete", arguments.CustomerId, _delete_customer, "Delete a customer."),
    HostFunction("storage.get", None, arguments.StorageKey, _get, "The value at a key."),
    HostFunction("storage.set", None, arguments.StorageEntry, _set, "Store a value."),
    HostFunction("storage.delete", None, arguments.StorageKey, _delete, "Remove a key."),
    HostFunction("storage.list", None, arguments.StoragePage, _list, "Keys and values below a prefix."),
    HostFunction("storage.count", None, arguments.StoragePrefix, _count, "How many keys are below a prefix."),
    HostFunction("storage.increment", None, arguments.StorageStep, _increment, "Add to a whole number."),
    HostFunction("log", None, arguments.LogEntry, _log, "Write a line into the plugin's log."),
)
# fmt: on
