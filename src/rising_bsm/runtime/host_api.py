"""Everything that a plugin can ask of the host. There is no other way out of the sandbox."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.runtime.functions import (
    appointments,
    batch,
    chance,
    customers,
    events,
    http,
    license,
    log,
    moment,
    notifications,
    problems,
    requests,
    settings,
    storage,
    users,
)
from rising_bsm.runtime.functions.arguments import OneOf
from rising_bsm.runtime.functions.entities import Changed, New
from rising_bsm.runtime.functions.results import IdText, Json, Moment, PageOf
from rising_bsm.runtime.services import HostServices


@dataclass(frozen=True)
class HostFunction:
    """One function: the permission it `needs`, if any, what it takes, what it does, and what it gives.

    `call(services, actor, arguments)` gives what the plugin gets, as JSON that the type `result` describes; its
    docstring is the function's. `cost` is what a call counts towards the plugin's budget, `per_call` how often one
    call of the plugin may use it, None for as often as it may use any.
    """

    name: str
    needs: str | None
    arguments: type[Input]
    call: Callable[[HostServices, Actor, Any], Awaitable[Any]]
    result: Any
    cost: int
    per_call: int | None = None

    @property
    def doc(self) -> str:
        """What it does, in a sentence."""
        return self.call.__doc__ or ""

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON, with the JSON Schemas of what it takes and gives."""
        plain = {"name": self.name, "permission": self.needs, "cost": self.cost, "per_call": self.per_call}
        schemas = {
            "arguments": self.arguments.model_json_schema(),
            "result": self.answers.json_schema(mode="serialization"),
        }
        return plain | {"doc": self.doc} | schemas

    @cached_property
    def answers(self) -> TypeAdapter[Any]:
        """What every answer validates against, and its JSON Schema."""
        return TypeAdapter(self.result)


# fmt: off
HOST_API: tuple[HostFunction, ...] = (
    HostFunction("customers.list", "customers.read", customers.Matching, customers.list, PageOf[customers.Stored], 1),
    HostFunction("customers.count", "customers.read", customers.Matching, customers.count, int, 1),
    HostFunction("customers.get", "customers.read", OneOf, customers.get, customers.Stored, 1),
    HostFunction("customers.create", "customers.create", New, customers.create, customers.Stored, 5),
    HostFunction("customers.update", "customers.update", Changed, customers.update, customers.Stored, 5),
    HostFunction("customers.delete", "customers.delete", OneOf, customers.delete, None, 5),
    HostFunction(
        "appointments.list", "appointments.read", appointments.Matching, appointments.list,
        PageOf[appointments.Stored], 1,
    ),
    HostFunction("appointments.count", "appointments.read", appointments.Matching, appointments.count, int, 1),
    HostFunction("appointments.get", "appointments.read", OneOf, appointments.get, appointments.Stored, 1),
    HostFunction("appointments.create", "appointments.create", New, appointments.create, appointments.Stored, 5),
    HostFunction("appointments.update", "appointments.update", Changed, appointments.update, appointments.Stored, 5),
    HostFunction("appointments.delete", "appointments.delete", OneOf, appointments.delete, None, 5),
    HostFunction("requests.list", "requests.read", requests.Matching, requests.list, PageOf[requests.Stored], 1),
    HostFunction("requests.count", "requests.read", requests.Matching, requests.count, int, 1),
    HostFunction("requests.get", "requests.read", OneOf, requests.get, requests.Stored, 1),
    HostFunction("requests.create", "requests.create", New, requests.create, requests.Stored, 5),
    HostFunction("requests.update", "requests.update", Changed, requests.update, requests.Stored, 5),
    HostFunction("requests.convert", "requests.update", requests.Converted, requests.convert, requests.Stored, 10),
    HostFunction("requests.delete", "requests.delete", OneOf, requests.delete, None, 5),
    HostFunction(
        "notifications.send", "notifications.send", notifications.New, notifications.send, notifications.Sent, 5,
        per_call=notifications.PER_CALL,
    ),
    HostFunction(
        "notifications.list", "notifications.read", notifications.Mine, notifications.inbox, notifications.Inbox, 1
    ),
    HostFunction("users.list", "users.read", users.Matching, users.list, PageOf[users.Known], 1),
    HostFunction("users.get", "users.read", OneOf, users.get, users.Known, 1),
    HostFunction("storage.get", None, storage.At, storage.get, storage.Found, 1),
    HostFunction("storage.set", None, storage.Entry, storage.set, None, 5),
    HostFunction("storage.compare_and_set", None, storage.Exchange, storage.compare_and_set, bool, 5),
    HostFunction("storage.delete", None, storage.At, storage.delete, bool, 5),
    HostFunction("storage.list", None, storage.Page, storage.list, Json, 1),
    HostFunction("storage.count", None, storage.Below, storage.count, int, 1),
    HostFunction("storage.increment", None, storage.Step, storage.increment, int, 5),
    HostFunction("events.emit", None, events.News, events.emit, IdText, 5),
    HostFunction("settings.get", None, moment.Nothing, settings.get, Json, 1),
    HostFunction("license.get", None, moment.Nothing, license.get, license.Known, 1),
    HostFunction("problems.report", None, problems.Report, problems.report, None, 5),
    HostFunction("problems.clear", None, problems.Which, problems.clear, bool, 5),
    HostFunction("time.now", None, moment.Nothing, moment.current, Moment, 1),
    HostFunction("random.bytes", None, chance.Size, chance.random_bytes, str, 1),
    HostFunction("batch", None, batch.Calls, batch.run, list[batch.Answered], 1),
    HostFunction("http.fetch", None, http.Fetch, http.fetch, http.Answer, 10),
    HostFunction("log", None, log.Line, log.write, None, 1),
)
# fmt: on
