"""The bait run: everything that a plugin answers to is called once, on customers that are nobody's.

Where one of their values turns up (in what it tries to send, in its log, in what strangers are answered) it leaks that
kind of value. So does what ends in a crash, or never. The network is refused, and written down.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.analysis.deeds import AUTHOR
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.loaded import Loaded
from rising_bsm.analysis.markers import Markers, Sighting
from rising_bsm.analysis.simulator import Offline, Simulator
from rising_bsm.analysis.source import Source
from rising_bsm.analysis.targets import (
    ActionTarget,
    ComponentTarget,
    EventTarget,
    HookTarget,
    LifecycleTarget,
    RouteTarget,
    ScheduleTarget,
    Target,
)
from rising_bsm.bundle.manifest import Manifest, RouteExport
from rising_bsm.db import Database, iso, now
from rising_bsm.errors import Error, InvalidInput
from rising_bsm.hooks import HookPoints
from rising_bsm.runtime.services import Business
from rising_bsm.runtime.strangers import VISITOR
from rising_bsm.runtime.text import visible
from rising_bsm.sandbox import Limits, PluginRaised, PluginRefused, Pool, PoolBusy, SandboxError

SECONDS = 60.0
CALL = Limits(wall_seconds=5.0, fuel=5_000_000_000)
MOST_CALLS = 150
EACH = 3
"""How many customers, appointments and requests there are."""


@dataclass
class Baited:
    """What has come of a run: findings, at most one of a kind, and how much was called."""

    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    calls: int = 0

    def add(self, key: tuple[str, ...], finding: Finding) -> None:
        """One more, unless there is one like it."""
        self.findings.setdefault(key, finding)


@dataclass(frozen=True)
class Call:
    """One thing to be called; `moment` says which, for people."""

    target: Target
    moment: str
    payload: Any = None
    actor: Actor = AUTHOR


async def run(
    pool: Pool, plugin: Loaded, source: Source, *, background: bool = False, seconds: float = SECONDS
) -> list[Finding]:
    """What the plugin did with the bait; takes at most `seconds`. Raises PoolBusy."""
    result, markers = Baited(), Markers(secrets.token_bytes(16))
    calls = list(_calls(plugin.manifest, markers))
    try:
        async with asyncio.timeout(seconds), _baited(markers) as database:
            ids = await _ids(database)
            for call in calls[:MOST_CALLS]:
                await _try(pool, plugin, source, database, call, ids, markers, result, background=background)
    except TimeoutError:
        message = f"After {seconds:g} s only {result.calls} of {len(calls)} things that it answers to were tried."
        result.add(("slow",), Finding("error", "bait.too_slow", message, None, "See what takes so long."))
    if len(calls) > MOST_CALLS:
        message = f"Only {MOST_CALLS} of {len(calls)} things that it answers to were tried."
        result.add(("many",), Finding("warning", "bait.not_all", message, None, "Try the others by hand."))
    message = f"{result.calls} calls on bait customers: nothing of them came out."
    return list(result.findings.values()) or [Finding("ok", "bait", message)]


async def _try(
    pool: Pool,
    plugin: Loaded,
    source: Source,
    database: Database,
    call: Call,
    ids: dict[str, str],
    markers: Markers,
    result: Baited,
    *,
    background: bool,
) -> None:
    seen, failure = None, None
    host = Simulator(
        pool,
        plugin,
        database,
        now=now(),
        seed=None,
        egress=Offline(),
        actor=call.actor,
        most=CALL,
        background=background,
    )
    result.calls += 1
    try:
        seen = await host.call(_filled(call.target, ids), call.payload)
    except PoolBusy:
        raise
    except Error as error:
        failure = error
    _judge(host, call, seen, failure, source, markers, result)


def _judge(
    host: Simulator, call: Call, seen: Any, failure: Error | None, source: Source, markers: Markers, result: Baited
) -> None:
    sent = [asked.arguments for asked in host.host_calls if asked.name in ("http.fetch", "batch")]
    for text, to in _requests(sent):
        for found in markers.seen_in(text):
            result.add(("sent", found.what, to), _leak(found, call, code="bait.sent", deed=f"is sent to {to}"))
    for line in host.log.lines:
        for found in markers.seen_in(f"{line.message} {json.dumps(line.details, ensure_ascii=False)}"):
            if line.source != "host":
                result.add(("logged", found.what), _leak(found, call, code="bait.logged", deed="is written to the log"))
    if call.actor is VISITOR:
        said = failure.message if isinstance(failure, PluginRefused) else json.dumps(seen, ensure_ascii=False)
        for found in markers.seen_in(said):
            told = _leak(found, call, code="bait.shown", deed="is shown to people who are not signed in")
            result.add(("shown", found.what), told)
    if failure is not None and not sent:
        _failed(failure, call, source, result)


def _requests(sent: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Everything that was to be sent as text, and to whom."""
    for arguments in sent:
        if isinstance(arguments, dict) and isinstance(arguments.get("calls"), list):
            inner = [one.get("arguments") for one in arguments["calls"] if isinstance(one, dict)]
            yield from _requests([one for one in inner if isinstance(one, dict) and "url" in one])
        elif isinstance(arguments, dict) and "url" in arguments:
            text = json.dumps(arguments, ensure_ascii=False)
            yield text + _decoded(arguments), visible(str(arguments["url"]).split("?")[0], 100)


def _decoded(arguments: dict[str, Any]) -> str:
    if not arguments.get("base64"):
        return ""
    with suppress(ValueError, TypeError):
        return base64.b64decode(arguments.get("body") or "").decode("latin-1")
    return ""


def _leak(found: Sighting, call: Call, *, code: str, deed: str) -> Finding:
    hidden = found.written not in ("plain",)
    how = f", written as {found.written}," if hidden else ""
    # To send or log what one may read can be the very purpose; to hide it, or to show it to strangers, never is.
    message = f"{found.what} of a customer that it may read{how} {deed}."
    remedy = "Do without it, or say in the README why it must be."
    if hidden or code == "bait.shown":
        return Finding("error", code, message, call.moment, remedy)
    return Finding("warning", code, message, call.moment, remedy)


def _failed(failure: Error, call: Call, source: Source, result: Baited) -> None:
    if isinstance(failure, PluginRefused | InvalidInput) or not isinstance(failure, SandboxError):
        return  # it refused what was made up for it, or the business did
    place = source.place_of(failure.place) or call.moment
    message = f"It fails {call.moment}: {visible(failure.message, 300)}"
    if isinstance(failure, PluginRaised):
        found = Finding("warning", "bait.raised", message, place, "See that it can cope with what it was sent.")
    else:
        found = Finding("error", "bait.failed", message, place, "See that it ends, with what it may use.")
    result.add(("failed", failure.code, place), found)


def _calls(manifest: Manifest, markers: Markers) -> Iterator[Call]:
    """Everything once, in an order in which what one keeps the next may show; strangers come last."""
    exports = manifest.exports
    for moment in ("on_install", "on_activate", "on_settings_changed", "on_update"):
        if moment in exports.lifecycle:
            yield Call(LifecycleTarget(moment), moment)
    for hook in dict.fromkeys(one.hook for one in exports.before):
        yield Call(HookTarget(hook), f"before {hook}", _written(hook, markers))
    for event in dict.fromkeys(one.event for one in exports.after):
        payload = _written(event, markers) if ":" not in event else {"id": "1"}
        yield Call(EventTarget(event), f"after {event}", payload)
    for schedule in exports.schedules:
        yield Call(ScheduleTarget(schedule.handler), f"schedule {schedule.handler}")
    for component in exports.components:
        yield Call(ComponentTarget(component.handler), f"component {component.handler}", {"query": {"page": "1"}})
    for action in exports.actions:
        yield Call(ActionTarget(action.handler), f"action {action.handler}", _person("values", markers))
    for route in (one for one in exports.routes if not one.public):
        yield _of_route(route, AUTHOR, markers)
    for route in (one for one in exports.routes if one.public):
        yield _of_route(route, VISITOR, markers)


def _of_route(route: RouteExport, actor: Actor, markers: Markers) -> Call:
    # What a stranger sends is the stranger's own, so there is no bait in it.
    body = {"name": "Ada", "email": "ada@home.example", "message": "Hello"} if actor is VISITOR else None
    if actor is AUTHOR and route.method in ("POST", "PUT", "PATCH"):
        body = _person("body", markers)
    return Call(RouteTarget(route.method, route.path, {}), f"{route.method} {route.path}", body, actor)


def _filled(target: Target, ids: dict[str, str]) -> Target:
    """A route's parameters with what there is: `{customer_id}`, `{id}`."""
    if not isinstance(target, RouteTarget):
        return target
    path = target.path
    for part in [one for one in path.split("/") if one.startswith("{")]:
        name = part.strip("{}").removesuffix("_id").removesuffix("s")
        path = path.replace(part, ids.get(name, ids["customer"]))
    return RouteTarget(target.method, path, target.query)


def _written(moment: str, markers: Markers) -> dict[str, Any] | None:
    noun, _, verb = moment.partition(".")
    if verb == "update":
        return {
            "customers": {"phone": f"+49{markers.digits('customers.phone')}"},
            "appointments": {"location": f"At {markers.word('appointments.location')}"},
            "requests": {"message": f"Please {markers.word('requests.message')}"},
        }[noun]
    if verb != "create":
        return None
    made = {"customers": _customer, "appointments": _appointment, "requests": _request}[noun]
    return made(9, markers)


def _person(noun: str, markers: Markers, number: int = 0) -> dict[str, Any]:
    return {
        "name": f"{markers.word(f'{noun}.name').capitalize()} Bait",
        "email": f"{markers.word(f'{noun}.email')}{number or ''}@bait.example",
        "phone": f"+49{markers.digits(f'{noun}.phone')}",
    }


def _customer(number: int, markers: Markers) -> dict[str, Any]:
    return _person("customers", markers, number) | {
        "company": f"{markers.word('customers.company').capitalize()} Ltd",
        "address": f"{markers.word('customers.address').capitalize()} 1",
        "city": markers.word("customers.city").capitalize(),
        "notes": f"Knows {markers.word('customers.notes')}",
        "type": "business",
    }


def _appointment(number: int, markers: Markers) -> dict[str, Any]:
    return {
        "title": f"About {markers.word('appointments.title')}",
        "location": f"At {markers.word('appointments.location')}",
        "description": f"Bring {markers.word('appointments.description')}",
        "starts_at": iso(_day(number)),
        "duration_minutes": 30,
    }


def _request(number: int, markers: Markers) -> dict[str, Any]:
    more = {"message": f"Please {markers.word('requests.message')}", "service": "Heating", "source": "website"}
    return _person("requests", markers, number) | more


def _day(number: int) -> datetime:
    return now().replace(microsecond=0) + timedelta(days=number)


@asynccontextmanager
async def _baited(markers: Markers) -> AsyncIterator[Database]:
    """A database with bait in it, gone afterwards."""
    with TemporaryDirectory(prefix="rising-bsm-bait-") as folder:
        path = Path(folder) / "bait.db"
        path.write_bytes(await asyncio.to_thread(_migrated))
        database = Database(f"sqlite:///{path}")
        try:
            business = Business.on(database, HookPoints())
            for number in range(1, EACH + 1):
                await business.customers.create(AUTHOR, _customer(number, markers))
                await business.appointments.create(AUTHOR, _appointment(number, markers))
                await business.requests.create(AUTHOR, _request(number, markers))
            yield database
        finally:
            await database.close()


@cache
def _migrated() -> bytes:
    """An empty database, made once in a process and beside its event loop, which SQLite would hold up."""

    async def migrate(path: Path) -> None:
        database = Database(f"sqlite:///{path}")
        try:
            await database.migrate()
        finally:
            await database.close()

    with TemporaryDirectory(prefix="rising-bsm-bait-") as folder:
        path = Path(folder) / "empty.db"
        asyncio.run(migrate(path))
        return path.read_bytes()


async def _ids(database: Database) -> dict[str, str]:
    business = Business.on(database, HookPoints())
    services: dict[str, Any] = {
        "customer": business.customers,
        "appointment": business.appointments,
        "request": business.requests,
    }
    return {name: str((await service.list(AUTHOR)).items[0].id) for name, service in services.items()}
