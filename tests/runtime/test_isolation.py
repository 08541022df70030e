"""A plugin changes nothing that it was not permitted to change, and reads nothing that is another plugin's."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rising_bsm.accounts import PERMISSIONS, SYSTEM
from rising_bsm.accounts.permissions import PEOPLE_ONLY
from rising_bsm.bundle.manifest import EventExport, Exports
from rising_bsm.bundle.settings import SettingField
from rising_bsm.business.notifications import NotificationDraft
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.hooks import HookPoints
from rising_bsm.runtime import ActivePlugin, Business, CallLog, Cipher, Host, HostServices, RuntimeLimits
from rising_bsm.runtime.events.emitter import Emitter
from rising_bsm.runtime.events.outbox import Outbox
from rising_bsm.runtime.problems import Problems
from rising_bsm.runtime.settings import PluginSettings
from rising_bsm.runtime.storage import Storage
from support.business import make_appointment, make_request
from support.database import open_database
from support.isolation import MINE, OTHER, PERMISSION_SETS, SECRET, changes, forbidden, host_calls, snapshot
from support.people import make_actor, make_customer, make_user

pytestmark = pytest.mark.anyio

FIELDS = (
    SettingField(name="key", type="secret", label="Key"),
    SettingField(name="greeting", type="text", label="Greeting"),
)
NAMES = 7
"""How many things there are whose ids a plugin may come by."""


@dataclass(frozen=True)
class World:
    """A database with something of everything, and two plugins."""

    database: Database
    business: Business
    outbox: Outbox
    cipher: Cipher
    ids: tuple[str, ...]

    def services(self, plugin: str) -> HostServices:
        return HostServices(
            self.business,
            Storage(self.database, plugin),
            CallLog(RuntimeLimits()),
            Emitter(self.database, self.outbox, plugin),
            PluginSettings(self.database, self.cipher, plugin, FIELDS),
            Problems(self.database, plugin),
        )

    def host(self, plugin: str, grants: Any, rights: Any = tuple(PERMISSIONS)) -> Host:
        return Host(plugin, grants, make_actor(permissions=rights), self.services(plugin))


async def make_world(database: Database) -> World:
    hooks, outbox = HookPoints(), Outbox()
    hooks.after(outbox.note)
    business = Business.on(database, hooks)
    user, customer = await make_user(database), await make_customer(database)
    appointment = await make_appointment(database, customer_id=str(customer.id))
    lonely = await make_customer(database)
    request = await make_request(database)
    linked = await make_request(database, customer_id=str(customer.id), appointment_id=str(appointment.id))
    told = await business.notifications.send(SYSTEM, NotificationDraft(user_id=user.id, title="Hello"))
    things = (user, customer, lonely, appointment, request, linked, told)
    world = World(database, business, outbox, Cipher(b"1" * 32), tuple(str(thing.id) for thing in things))
    await _fill(world)
    return world


async def _fill(world: World) -> None:
    others = world.services(OTHER)
    for key in ("k", "key", OTHER, f"{MINE}/k"):
        await others.storage.set(key, SECRET)
    async with world.database.transaction() as session:
        await others.settings.write(session, {"key": SECRET, "greeting": SECRET})
    await others.problems.report("k", SECRET, "error", {})
    listens = tuple(EventExport(event=name, handler="hear") for name in (f"{OTHER}:news", f"{MINE}:news"))

    async def no_code() -> Any:
        raise AssertionError("nothing of it runs")

    world.outbox.listen(ActivePlugin("acme.listener", "1.0.0", frozenset(), Exports(after=listens), no_code))
    await others.events.emit(SYSTEM, "news", {"said": SECRET})


async def run(host: Host, calls: list[tuple[str, dict[str, Any]]]) -> str:
    """Everything that the plugin gets to see."""
    answers: list[Any] = []
    for name, arguments in calls:
        try:
            answers.append(await host(name, arguments))
        except Error as error:
            answers.append(error.as_dict())
    return json.dumps(answers)


def with_ids(value: Any, ids: tuple[str, ...]) -> Any:
    """Drawn before there is a database, so that ids are numbers until then."""
    if isinstance(value, dict):
        return {name: with_ids(item, ids) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(with_ids(item, ids) for item in value)
    return ids[int(value[1:])] if isinstance(value, str) and value[:1] == "#" else value


CALLS = host_calls([f"#{number}" for number in range(NAMES)])
BOUNDED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


@BOUNDED
@given(calls=CALLS, grants=PERMISSION_SETS, rights=st.one_of(st.just(set(PERMISSIONS)), PERMISSION_SETS))
async def test_no_sequence_of_calls_does_what_is_not_permitted_or_reads_what_is_anothers(
    calls: list[tuple[str, dict[str, Any]]], grants: set[str], rights: set[str]
) -> None:
    async with open_database() as database:
        world = await make_world(database)
        before = await snapshot(database)

        seen = await run(world.host(MINE, grants, rights), with_ids(calls, world.ids))

        after = await snapshot(database)
        assert forbidden(before, after, (grants & rights) - PEOPLE_ONLY) == []
        assert SECRET not in seen
        emitted = [row["name"] for row in changes(before, after, "event_deliveries").added]
        assert set(emitted) <= {f"{MINE}:news"}
        assert all(row["plugin"] == MINE for row in changes(before, after, "activity").added)


@BOUNDED
@given(calls=CALLS)
async def test_a_plugin_that_was_granted_nothing_writes_its_own_things_alone(
    calls: list[tuple[str, dict[str, Any]]],
) -> None:
    async with open_database() as database:
        world = await make_world(database)
        before = await snapshot(database)

        await run(world.host(MINE, ()), with_ids(calls, world.ids))

        after = await snapshot(database)
        touched = {table for table in before if changes(before, after, table).any}
        assert touched <= {"plugin_storage", "plugin_usage", "plugin_problems", "event_deliveries"}


@pytest.mark.parametrize(
    ("name", "arguments", "found"),
    [
        ("customers.create", {"fields": {"name": "A", "email": "a@x.example"}}, "customers.create"),
        ("customers.update", {"id": "#2", "changes": {"city": "Bonn"}}, "customers.update"),
        ("customers.delete", {"id": "#2"}, "customers.delete"),
        ("appointments.update", {"id": "#3", "changes": {"title": "X"}}, "appointments.update"),
        ("requests.delete", {"id": "#4"}, "requests.delete"),
        ("requests.update", {"id": "#5", "changes": {"customer_id": None}}, "requests.update"),
        ("notifications.send", {"role": "admin", "title": "x"}, "notifications.send"),
    ],
)
async def test_what_is_forbidden_would_be_noticed(name: str, arguments: dict[str, Any], found: str) -> None:
    async with open_database() as database:
        world = await make_world(database)
        before = await snapshot(database)

        await run(world.host(MINE, PERMISSIONS), [(name, with_ids(arguments, world.ids))])

        assert forbidden(before, await snapshot(database), ()) == [found]
        assert forbidden(before, await snapshot(database), {found}) == []


async def test_what_is_anothers_would_be_noticed() -> None:
    async with open_database() as database:
        world = await make_world(database)
        before = await snapshot(database)

        calls = [("storage.get", {"key": "k"}), ("settings.get", {}), ("problems.clear", {"key": "k"})]
        seen = await run(world.host(OTHER, ()), calls)
        await world.host(OTHER, ())("storage.set", {"key": "k", "value": 1})

        assert seen.count(SECRET) == 3
        assert {"plugin_storage of others", "plugin_problems of others"} <= set(
            forbidden(before, await snapshot(database), PERMISSIONS)
        )
