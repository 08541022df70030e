"""A host in memory for one plugin, which is granted whatever it asks for: what `rising-bsm call` calls it in.

Permissions, arguments, routes and answers are checked by the runtime's own code; only customers and storage are
simulated.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rising_bsm.accounts import PERMISSIONS, Actor
from rising_bsm.business.customers import Customer, CustomerDraft, CustomerQuery
from rising_bsm.cli.author import Loaded
from rising_bsm.cli.simulated_customers import SimulatedCustomers
from rising_bsm.cli.simulated_storage import SimulatedStorage
from rising_bsm.cli.target import HookTarget, LifecycleTarget, RouteTarget, Target
from rising_bsm.errors import Error, InvalidInput, NotFound
from rising_bsm.runtime.answers import draft_answer, route_answer
from rising_bsm.runtime.host import Host
from rising_bsm.runtime.limits import DEFAULT_LIMITS
from rising_bsm.runtime.log import CallLog
from rising_bsm.runtime.routes import RouteRequest, Routes
from rising_bsm.runtime.services import HostServices
from rising_bsm.sandbox import Limits, Pool

AUTHOR = Actor(user_id=None, name="the author", permissions=frozenset(PERMISSIONS))
NEWCOMER = {"name": "Nora  Newcomer", "email": "nora.newcomer@home.example", "city": "Lyon", "country": "FR"}


@dataclass(frozen=True)
class HostCall:
    """What the plugin asked the host, and the code it was refused with, if it was."""

    name: str
    arguments: Any
    refused: str | None

    def as_dict(self) -> dict[str, Any]:
        """The call as JSON."""
        return asdict(self)


class Simulator:
    """Calls one plugin at the time `now`, and keeps what it logs, asks and uses meanwhile."""

    def __init__(self, pool: Pool, plugin: Loaded, *, now: datetime, seed: bytes | None) -> None:
        self.log = CallLog(DEFAULT_LIMITS)
        self.host_calls: list[HostCall] = []
        self.fuel, self.seconds = 0, 0.0
        self._pool, self._plugin, self._manifest = pool, plugin, plugin.manifest
        self._seed, self._clock_ns = seed, int(now.timestamp() * 1_000_000) * 1_000
        self._customers = SimulatedCustomers(lambda: now)
        services = HostServices(self._customers, SimulatedStorage(), self.log)
        grants = {request.code for request in self._manifest.permissions}
        self._host = Host(self._manifest.id, grants, AUTHOR, services)

    async def call(self, target: Target, payload: Any) -> Any:
        """What the plugin answers, as an instance would take it; raises what an instance would raise."""
        if isinstance(target, RouteTarget):
            return await self._route(target, payload)
        if isinstance(target, HookTarget):
            return await self._before(target, payload)
        return await self._lifecycle(target)

    async def _route(self, target: RouteTarget, body: Any) -> Mapping[str, Any]:
        try:
            route, params = Routes(self._manifest.id, self._manifest.exports.routes).find(target.method, target.path)
        except NotFound:
            raise self._not_answered(f"{target.method} {target.path}") from None
        request = RouteRequest(target.method, target.path, target.query, {}, body).for_guest(params)
        value = await self._ask({"op": "route", "handler": route.handler, "request": request}, DEFAULT_LIMITS.call)
        return asdict(route_answer(value))

    async def _before(self, target: HookTarget, payload: Any) -> Any:
        handlers = [export.handler for export in self._manifest.exports.before if export.hook == target.hook]
        if not handlers:
            raise self._not_answered(f"before {target.hook}")
        draft = await self._draft(target.hook, payload)
        for handler in handlers:
            asked = {"op": "before", "handler": handler, "hook": target.hook, "draft": draft}
            answer = draft_answer(await self._ask(asked, DEFAULT_LIMITS.before))
            draft = draft if answer is None else answer
        return None if target.hook == "customers.delete" else _storable(draft)

    async def _lifecycle(self, target: LifecycleTarget) -> None:
        if target.moment not in self._manifest.exports.lifecycle:
            raise self._not_answered(target.moment)
        await self._ask({"op": "lifecycle", "handler": target.moment}, DEFAULT_LIMITS.call)

    async def _ask(self, request: dict[str, Any], limits: Limits) -> Any:
        plugin = {"id": self._manifest.id, "version": self._manifest.version}
        outcome = await self._pool.call(
            self._plugin.code,
            request | {"context": {"plugin": plugin}},
            host=self._answer,
            limits=limits,
            seed=self._seed,
            clock_ns=self._clock_ns,
            on_log=self.log.printed,
        )
        self.fuel += outcome.fuel
        self.seconds += outcome.wall_seconds
        return outcome.value

    async def _answer(self, name: str, arguments: Any) -> Any:
        try:
            answer = await self._host(name, arguments)
        except Error as error:
            self.host_calls.append(HostCall(name, arguments, error.code))
            raise
        self.host_calls.append(HostCall(name, arguments, None))
        return answer

    async def _draft(self, hook: str, payload: Any) -> dict[str, Any]:
        """What the host would hand to the hook: a new customer, or one of the demo customers as it is to become."""
        given = payload
        if payload is None:
            given = NEWCOMER if hook == "customers.create" else {}
        if hook == "customers.create" or not isinstance(given, dict):
            return CustomerDraft.of(given).model_dump()
        changes = dict(given)
        customer = await self._chosen(changes.pop("id", None))
        if hook == "customers.delete":
            return customer.as_dict()
        return CustomerDraft.of(customer.as_draft() | changes).model_dump()

    async def _chosen(self, customer_id: Any) -> Customer:
        if customer_id is None:
            return (await self._customers.list(AUTHOR, CustomerQuery(limit=1))).items[0]
        try:
            return await self._customers.get(AUTHOR, UUID(str(customer_id)))
        except ValueError:
            raise InvalidInput(
                "This is no id of a customer.",
                code="call.bad_payload",
                place="id",
                next_step="Leave it out, or take one that customers.list gives.",
            ) from None

    def _not_answered(self, target: str) -> NotFound:
        exports = self._manifest.exports
        answered = [f"{route.method} {route.path}" for route in exports.routes]
        answered += [f"before {export.hook}" for export in exports.before] + list(exports.lifecycle)
        return NotFound(
            f"{self._manifest.id} has nothing for {target}.",
            code="call.not_answered",
            place="TARGET",
            next_step=f"It has {', '.join(dict.fromkeys(answered)) or 'nothing at all'}.",
        )


def _storable(draft: dict[str, Any]) -> dict[str, Any]:
    try:
        return CustomerDraft.of(draft).model_dump()
    except InvalidInput as error:
        raise InvalidInput(
            f"What the plugin made of the customer cannot be stored. {error.message}",
            fields=error.fields,
            code="customers.invalid_after_hooks",
            place=error.place,
            next_step="Return a draft whose fields an instance accepts.",
        ) from None
