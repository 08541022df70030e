"""What the host functions work on."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from rising_bsm.accounts.colleagues import Colleagues
from rising_bsm.business.appointments import Appointments
from rising_bsm.business.customers import Customers
from rising_bsm.business.notifications import Notifications
from rising_bsm.business.requests import Requests
from rising_bsm.db import Database
from rising_bsm.hooks import HookPoints
from rising_bsm.licensing import Licensed
from rising_bsm.runtime.egress import NOWHERE, PluginEgress
from rising_bsm.runtime.events.emitter import Emitter
from rising_bsm.runtime.log import CallLog
from rising_bsm.runtime.problems import Problems
from rising_bsm.runtime.settings import PluginSettings
from rising_bsm.runtime.storage import Storage


@dataclass(frozen=True)
class Business:
    """The services of the business that plugins reach, each of which checks what its actor may do."""

    customers: Customers
    appointments: Appointments
    requests: Requests
    notifications: Notifications
    users: Colleagues

    @classmethod
    def on(cls, database: Database, hooks: HookPoints) -> Self:
        """The services on this database, asking these hooks."""
        of_hooks = Customers(database, hooks), Appointments(database, hooks), Requests(database, hooks)
        return cls(*of_hooks, Notifications(database), Colleagues(database))


async def _no_licence() -> Licensed | None:
    return None


async def _nobody(_name: str, _arguments: Any) -> Any:
    raise AssertionError("the host of the call says who")


@dataclass(frozen=True)
class HostServices:
    """What the host functions of one call work on.

    `ask(name, arguments)` is one more host call, checked and counted like any; `entropy` gives so many random bytes;
    `http` is the plugin's way to the network, `licence` gives the licence that it has.
    """

    business: Business
    storage: Storage
    log: CallLog
    events: Emitter
    settings: PluginSettings
    problems: Problems
    entropy: Callable[[int], bytes] = secrets.token_bytes
    ask: Callable[[str, Any], Awaitable[Any]] = _nobody
    http: PluginEgress = NOWHERE
    licence: Callable[[], Awaitable[Licensed | None]] = _no_licence
