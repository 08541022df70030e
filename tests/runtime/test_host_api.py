import ast
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import rising_bsm_sdk
from rising_bsm.accounts import PERMISSIONS, SYSTEM, ActivityLog, User
from rising_bsm.bundle.settings import SettingField
from rising_bsm.business.appointments import Appointment, AppointmentFields
from rising_bsm.business.customers import Customer
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.business.requests import RequestDraft, ServiceRequest
from rising_bsm.db import now
from rising_bsm.runtime import HOST_API, ActivePlugin, Egress
from rising_bsm.sandbox import Pool
from rising_bsm_sdk import Appointments, Customers, Requests
from support.outside import LOOPBACK, Names, Outside, answer, make_places, outside
from support.people import make_actor, make_customer
from support.runtime import PLUGIN, Instance, make_plugin, make_request, open_instance

pytestmark = pytest.mark.anyio

ID = "01890000-0000-7000-8000-000000000001"
PERSON = "01890000-0000-7000-8000-000000000002"
NAMES = [function.name for function in HOST_API]
FUNCTIONS = {function.name: function for function in HOST_API}
SDK = Path(rising_bsm_sdk.__file__).parent
SETTINGS = (
    SettingField(name="greeting", type="text", label="Greeting", default="Hello"),
    SettingField(name="key", type="secret", label="Key"),
)
GUARDED = [function for function in HOST_API if function.needs]
ALSO = {"requests.convert": {"customers.read"}}
GOOD: dict[str, dict[str, Any]] = {
    "customers.list": {"search": "ada", "sort": "-name", "limit": 1, "status": "active"},
    "customers.count": {"search": "ada", "type": "private"},
    "customers.get": {"id": ID},
    "customers.create": {"fields": {"name": "Grace", "email": "grace@x.example"}},
    "customers.update": {"id": ID, "changes": {"city": "London"}},
    "customers.delete": {"id": ID},
    "notifications.send": {"user_id": PERSON, "title": "Hello", "link": "/customers"},
    "notifications.list": {"unread": True, "limit": 5},
    "users.list": {"role": "manager", "active": True},
    "users.get": {"id": PERSON},
    "appointments.list": {"status": "planned", "starts_from": "2030-01-31T00:00:00Z", "sort": "-starts_at"},
    "appointments.count": {"starts_before": "2030-02-01T00:00:00+01:00"},
    "appointments.get": {"id": ID},
    "appointments.create": {"fields": {"title": "Visit", "starts_at": "2030-01-31T12:00:00Z", "customer_id": ID}},
    "appointments.update": {"id": ID, "changes": {"status": "confirmed"}},
    "appointments.delete": {"id": ID},
    "requests.list": {"search": "ROOF", "status": "new"},
    "requests.count": {"search": "nothing like it"},
    "requests.get": {"id": ID},
    "requests.create": {"fields": {"name": "Grace", "email": "grace@x.example"}},
    "requests.update": {"id": ID, "changes": {"status": "in_progress"}},
    "requests.convert": {"id": ID, "into": {"customer_id": ID}},
    "requests.delete": {"id": ID},
    "storage.get": {"key": "k"},
    "storage.set": {"key": "new", "value": {"a": [1, None]}},
    "storage.delete": {"key": "k"},
    "storage.list": {"prefix": "k", "limit": 1},
    "storage.count": {"prefix": "k"},
    "storage.increment": {"key": "k", "by": 2},
    "storage.compare_and_set": {"key": "k", "expected": 40.0, "value": 41},
    "events.emit": {"topic": "level_reached", "payload": {"level": 3}},
    "settings.get": {},
    "license.get": {},
    "problems.report": {"key": "mail", "message": "It bounced.", "level": "error", "details": {"to": "x"}},
    "problems.clear": {"key": "old"},
    "http.fetch": {"method": "GET", "url": "http://api.example.com:{port}/rates"},
    "time.now": {},
    "random.bytes": {"size": 5},
    "batch": {"calls": [{"name": "storage.get", "arguments": {"key": "k"}}, {"name": "storage.purge"}]},
    "log": {"level": "info", "message": "hello", "details": {"a": 1}},
}
EXPECTED: dict[str, Callable[[Any], bool]] = {
    "customers.list": lambda page: page["total"] == 1 and page["items"][0]["id"] == ID,
    "customers.count": lambda number: number == 1,
    "customers.get": lambda customer: customer["email"] == "ada@x.example",
    "customers.create": lambda customer: customer["email"] == "grace@x.example" and customer["version"] == 1,
    "customers.update": lambda customer: customer["city"] == "London" and customer["version"] == 2,
    "customers.delete": lambda nothing: nothing is None,
    "notifications.send": lambda sent: sent["user_id"] == PERSON and sent["plugin"] == PLUGIN,
    "notifications.list": lambda inbox: (inbox["total"], inbox["items"][0]["title"]) == (1, "Welcome"),
    "users.list": lambda page: [user["id"] for user in page["items"]] == [PERSON],
    "users.get": lambda user: set(user) == {"id", "name", "role", "email", "active"} and user["id"] == PERSON,
    "appointments.list": lambda page: [one["local_start"] for one in page["items"]] == ["2030-01-31T13:00:00+01:00"],
    "appointments.count": lambda number: number == 1,
    "appointments.get": lambda appointment: appointment["ends_at"] == "2030-01-31T12:45:00.000000Z",
    "appointments.create": lambda appointment: appointment["customer_id"] == ID and appointment["version"] == 1,
    "appointments.update": lambda appointment: appointment["status"] == "confirmed",
    "appointments.delete": lambda nothing: nothing is None,
    "requests.list": lambda page: page["total"] == 1 and page["items"][0]["id"] == ID,
    "requests.count": lambda number: number == 0,
    "requests.get": lambda request: request["email"] == "bob@x.example",
    "requests.create": lambda request: (request["status"], request["version"]) == ("new", 1),
    "requests.update": lambda request: request["status"] == "in_progress",
    "requests.convert": lambda request: (request["status"], request["customer_id"]) == ("completed", ID),
    "requests.delete": lambda nothing: nothing is None,
    "storage.get": lambda entry: entry == {"found": True, "value": 40},
    "storage.set": lambda nothing: nothing is None,
    "storage.delete": lambda removed: removed is True,
    "storage.list": lambda entries: entries == {"k": 40},
    "storage.count": lambda number: number == 1,
    "storage.increment": lambda number: number == 42,
    "storage.compare_and_set": lambda stored: stored is True,
    "events.emit": lambda event_id: UUID(event_id).version == 7,
    "license.get": lambda known: (known["state"], known["type"], known["entitlements"]) == ("none", None, []),
    "settings.get": lambda values: values == {"greeting": "Hello", "key": None},
    "problems.report": lambda nothing: nothing is None,
    "problems.clear": lambda cleared: cleared is False,
    "http.fetch": lambda answer: (answer["status"], answer["body"], answer["base64"]) == (200, "1.25", False),
    "time.now": lambda moment: abs(datetime.fromisoformat(moment) - now()) < timedelta(minutes=1),
    "random.bytes": lambda text: len(base64.b64decode(text)) == 5,
    "batch": lambda answers: answers[0]["ok"]["value"] == 40 and answers[1]["error"]["code"] == "host.unknown",
    "log": lambda nothing: nothing is None,
}
BAD = [
    ("customers.list", {"limit": 0}, "limit"),
    ("customers.list", {"limit": "5"}, "limit"),
    ("customers.list", {"sort": "password"}, "sort"),
    ("customers.list", {"offset": -1}, "offset"),
    ("customers.count", {"newsletter": "yes"}, "newsletter"),
    ("customers.count", {"search": 5}, "search"),
    ("customers.get", {"id": "1"}, "id"),
    ("customers.get", {"id": 5}, "id"),
    ("customers.get", {"id": None}, "id"),
    ("customers.get", {}, "id"),
    ("customers.create", {"fields": []}, "fields"),
    ("customers.create", {}, "fields"),
    ("customers.create", {"fields": {"name": "A", "email": "none"}}, "email"),
    ("customers.create", {"fields": {"name": "A", "email": "a@x.example", "id": ID}}, "id"),
    ("customers.create", {"fields": {"name": "A", "email": "a@x.example", "version": 7}}, "version"),
    ("customers.update", {"id": ID}, "changes"),
    ("customers.update", {"id": ID, "changes": "all"}, "changes"),
    ("customers.update", {"id": ID, "changes": {"tags": [1]}}, "tags.0"),
    ("customers.update", {"id": ID, "changes": {"search_text": "x"}}, "search_text"),
    ("customers.delete", {"id": "../" + ID}, "id"),
    ("notifications.send", {"role": "admin"}, "title"),
    ("notifications.send", {"role": "king", "title": "x"}, "role"),
    ("notifications.send", {"user_id": 5, "title": "x"}, "user_id"),
    ("notifications.send", {"role": "admin", "title": "x", "link": "//x.example"}, "link"),
    ("notifications.send", {"role": "admin", "title": "x", "sender": "system"}, "sender"),
    ("notifications.send", {"title": "x"}, "body"),
    ("notifications.list", {"user_id": PERSON}, "user_id"),
    ("notifications.list", {"unread": "yes"}, "unread"),
    ("users.list", {"role": "king"}, "role"),
    ("users.list", {"active": "yes"}, "active"),
    ("users.get", {"id": "1"}, "id"),
    ("appointments.list", {"starts_from": "tomorrow"}, "starts_from"),
    ("appointments.list", {"starts_from": 5}, "starts_from"),
    ("appointments.count", {"customer_id": "1"}, "customer_id"),
    ("appointments.get", {"id": "1"}, "id"),
    ("appointments.create", {"fields": {"title": "A", "starts_at": "2030-01-31T12:00:00"}}, "starts_at"),
    (
        "appointments.create",
        {"fields": {"title": "A", "starts_at": "2030-01-31T12:00Z", "time_zone": "X"}},
        "time_zone",
    ),
    ("appointments.update", {"id": ID, "changes": {"assignee_id": ID}}, "assignee_id"),
    ("appointments.delete", {}, "id"),
    ("requests.list", {"search": 5}, "search"),
    ("requests.count", {"status": "open"}, "status"),
    ("requests.get", {"id": None}, "id"),
    ("requests.create", {"fields": {"name": "A"}}, "email"),
    ("requests.update", {"id": ID, "changes": {"appointment_id": ID[:-1] + "2"}}, "appointment_id"),
    ("requests.convert", {"id": ID, "into": []}, "into"),
    ("requests.convert", {"id": ID, "into": {}}, "customer"),
    ("requests.delete", {"id": 5}, "id"),
    ("storage.get", {"key": ""}, "key"),
    ("storage.get", {"key": "a\0b"}, "key"),
    ("storage.set", {"key": "a\x1b", "value": 1}, "key"),
    ("storage.set", {"key": "ü" * 257, "value": 1}, "key"),
    ("storage.set", {"key": "\ud800", "value": 1}, "key"),
    ("storage.set", {"key": "k"}, "value"),
    ("storage.set", {"key": "k", "value": "\ud800"}, "value"),
    ("storage.set", {"value": 1}, "key"),
    ("storage.delete", {"key": ["k"]}, "key"),
    ("storage.list", {"prefix": 1}, "prefix"),
    ("storage.list", {"limit": 1_001}, "limit"),
    ("storage.list", {"limit": True}, "limit"),
    ("storage.count", {"prefix": "\n"}, "prefix"),
    ("storage.count", {"prefix": "\ud800"}, "prefix"),
    ("storage.count", {"prefix": "k" * 513}, "prefix"),
    ("storage.increment", {"key": "k", "by": 1.5}, "by"),
    ("storage.increment", {"key": "k", "by": True}, "by"),
    ("storage.increment", {"key": "k", "by": 2**53}, "by"),
    ("storage.compare_and_set", {"key": "k"}, "value"),
    ("storage.compare_and_set", {"key": "", "value": 1}, "key"),
    ("storage.compare_and_set", {"key": "k", "value": 1, "absent": 1}, "absent"),
    ("events.emit", {"payload": 1}, "topic"),
    ("events.emit", {"topic": "acme.other:level_reached"}, "topic"),
    ("events.emit", {"topic": "customers.create"}, "topic"),
    ("events.emit", {"topic": "x", "payload": "\ud800"}, "payload"),
    ("settings.get", {"name": "key"}, "name"),
    ("license.get", {"plugin": "acme.other"}, "plugin"),
    ("problems.report", {"message": "x"}, "key"),
    ("problems.report", {"key": "", "message": "x"}, "key"),
    ("problems.report", {"key": "k" * 101, "message": "x"}, "key"),
    ("problems.report", {"key": "k\u202e", "message": "x"}, "key"),
    ("problems.report", {"key": "k", "message": ""}, "message"),
    ("problems.report", {"key": "k", "message": "x", "level": "urgent"}, "level"),
    ("problems.report", {"key": "k", "message": "x", "details": []}, "details"),
    ("problems.clear", {"key": 1}, "key"),
    ("http.fetch", {"method": "TRACE", "url": "https://api.example.com/"}, "method"),
    ("http.fetch", {"method": "GET", "url": "https://api.example.com@evil.example/"}, "url"),
    ("http.fetch", {"method": "GET", "url": "https://api.example.com/", "headers": {"Host": "x"}}, "headers"),
    ("http.fetch", {"method": "GET", "url": "https://api.example.com/", "timeout": 11}, "timeout"),
    ("time.now", {"zone": "UTC"}, "zone"),
    ("random.bytes", {"size": 0}, "size"),
    ("random.bytes", {"size": 1_025}, "size"),
    ("random.bytes", {"size": True}, "size"),
    ("batch", {}, "calls"),
    ("batch", {"calls": [{"name": "batch"}]}, "calls.0.name"),
    ("batch", {"calls": [{"name": "log", "arguments": []}]}, "calls.0.arguments"),
    ("batch", {"calls": [{"name": "log"}] * 51}, "calls"),
    ("log", {"level": "debug", "message": "x"}, "level"),
    ("log", {"level": "info", "message": 5}, "message"),
    ("log", {"level": "info", "message": "x", "details": []}, "details"),
]


@pytest.fixture
async def server() -> AsyncIterator[Outside]:
    """Who is asked on the network."""
    async with outside(rates=answer(b"1.25", content_type="application/json")) as server:
        yield server


@pytest.fixture
async def instance(pool: Pool, server: Outside) -> AsyncIterator[Instance]:
    """An instance that is let to that server."""
    egress = Egress(allowed=LOOPBACK, resolve=Names({"api.example.com": [["127.0.0.1"]]}))
    async with open_instance(pool, egress=egress) as opened:
        yield opened


@pytest.fixture(scope="session")
async def prober(pool: Pool) -> ActivePlugin:
    """A plugin that calls any host function with any arguments, and granted everything."""
    methods = """
    @route("POST", "/call")
    def call(self, ctx, request):
        try:
            return {"ok": ctx.storage._call(*request.body)}
        except HostError as error:
            return {"error": type(error).__name__, "code": error.code, "place": error.place}
    """
    return replace(await make_plugin(pool, methods, grants=PERMISSIONS), settings=SETTINGS)


@pytest.fixture
async def ada(instance: Instance) -> Customer:
    async with instance.database.transaction() as session:
        customer = Customer(id=UUID(ID))
        customer.change({"name": "Ada", "email": "ada@x.example", "type": "private", "status": "active"})
        session.add(customer)
        appointment = Appointment(id=UUID(ID))
        fields = {"title": "Roof", "starts_at": "2030-01-31T12:00:00Z", "duration_minutes": 45}
        appointment.change(AppointmentFields.of(fields | {"time_zone": "Europe/Berlin"}).model_dump())
        request = ServiceRequest(id=UUID(ID))
        request.change(RequestDraft.of({"name": "Bob", "email": "bob@x.example", "service": "Roof"}).model_dump())
        session.add_all([appointment, request])
    return customer


@pytest.fixture
async def person(instance: Instance) -> User:
    """Whoever the plugin acts for, with a notification."""
    known = {"name": "Test Person", "email": "person@x.example", "role": "manager", "password_hash": ""}
    async with instance.database.transaction() as session:
        user = User(id=UUID(PERSON), **known)
        session.add(user)
    draft = NotificationDraft(user_id=UUID(PERSON), title="Welcome")
    await Notifications(instance.database).send(SYSTEM, draft)
    return user


@pytest.fixture
def ask(
    instance: Instance, prober: ActivePlugin, ada: Customer, person: User, server: Outside
) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def ask(name: str, arguments: Any, *, grants: Any = PERMISSIONS, rights: Any = PERMISSIONS) -> dict[str, Any]:
        network = make_places(server.url(host="api.example.com"))
        instance.runtime.attach(replace(prober, grants=frozenset(grants), network=network))
        if name == "http.fetch" and isinstance(arguments, dict) and "url" in arguments:
            arguments = arguments | {"url": arguments["url"].format(port=server.port)}
        request = make_request(method="POST", path="/call", body=[name, arguments])
        answer = await instance.runtime.run_route(PLUGIN, request, make_actor(permissions=rights, user_id=person.id))
        body: dict[str, Any] = answer.body
        return body

    return ask


Ask = Callable[..., Awaitable[dict[str, Any]]]


def test_these_tests_know_every_function() -> None:
    assert set(GOOD) == set(EXPECTED) == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)
    assert {name for name, _arguments, _field in BAD} == set(NAMES)


def test_the_sdk_calls_every_function_and_no_other() -> None:
    trees = [ast.parse(path.read_text()) for path in SDK.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls = [node.args[0] for node in nodes if ast.unparse(node.func) == "self._call"]
    asked = {call.value for call in calls if isinstance(call, ast.Constant)} | set(_asked_of_collections())

    assert asked == set(NAMES)


def _asked_of_collections() -> Iterator[str]:
    """A collection calls the functions of its noun, each by its verb."""
    classes = [node for node in ast.parse((SDK / "entities.py").read_text()).body if isinstance(node, ast.ClassDef)]
    verbs = {node.name: _verbs(node) for node in classes}
    for kind in (Customers, Appointments, Requests):
        yield from (f"{kind._noun}.{verb}" for verb in verbs["Collection"] | verbs[kind.__name__])


def _verbs(node: ast.ClassDef) -> set[str]:
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "self._ask"}


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_granted_works(ask: Ask, name: str) -> None:
    await ask("storage.set", {"key": "k", "value": 40})

    answer = await ask(name, GOOD[name])

    assert EXPECTED[name](answer["ok"]), answer
    text = json.dumps(answer["ok"])
    described = FUNCTIONS[name].answers.validate_json(text)
    unset = name == "batch"
    assert json.loads(FUNCTIONS[name].answers.dump_json(described, exclude_unset=unset)) == json.loads(text), text


@pytest.mark.parametrize("function", GUARDED, ids=lambda function: function.name)
async def test_exactly_the_one_permission_is_needed(ask: Ask, function: Any) -> None:
    needed = {function.needs} | ALSO.get(function.name, set())
    answer = await ask(function.name, GOOD[function.name], grants=needed, rights=needed)

    assert "ok" in answer


@pytest.mark.parametrize("function", GUARDED, ids=lambda function: function.name)
async def test_what_is_not_granted_is_refused_with_the_permissions_name(
    ask: Ask, instance: Instance, function: Any
) -> None:
    answer = await ask(function.name, GOOD[function.name], grants=set(PERMISSIONS) - {function.needs})

    assert answer == {"error": "NotPermitted", "code": "permission.denied", "place": function.needs}
    assert await instance.emails() == ["ada@x.example"]


@pytest.mark.parametrize("function", GUARDED, ids=lambda function: function.name)
async def test_what_the_user_may_not_do_is_refused_although_it_is_granted(
    ask: Ask, instance: Instance, function: Any
) -> None:
    answer = await ask(function.name, GOOD[function.name], rights=set(PERMISSIONS) - {function.needs})

    assert answer == {"error": "NotPermitted", "code": "permission.denied", "place": function.needs}
    assert await instance.emails() == ["ada@x.example"]


@pytest.mark.parametrize(("name", "arguments", "field"), BAD)
async def test_a_wrong_argument_is_named(ask: Ask, name: str, arguments: Any, field: str) -> None:
    answer = await ask(name, arguments)

    assert (answer["error"], answer["place"]) == ("Invalid", field)


@pytest.mark.parametrize("name", NAMES)
async def test_an_unknown_argument_is_refused(ask: Ask, name: str) -> None:
    answer = await ask(name, GOOD[name] | {"actor": "admin"})

    assert answer == {"error": "Invalid", "code": "host.invalid", "place": "actor"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("arguments", [None, [], "x", 5])
async def test_arguments_that_are_no_object_are_refused(ask: Ask, name: str, arguments: Any) -> None:
    answer = await ask(name, arguments)

    assert answer == {"error": "Invalid", "code": "host.invalid", "place": "body"}


@pytest.mark.parametrize("name", ["customers.purge", "CUSTOMERS.LIST", "storage.get ", "", "__class__", "log\0"])
async def test_what_the_host_does_not_have_cannot_be_called(ask: Ask, name: str) -> None:
    answer = await ask(name, {})

    assert (answer["error"], answer["code"]) == ("HostError", "host.unknown")


async def test_permission_comes_before_the_arguments(ask: Ask) -> None:
    answer = await ask("customers.get", {"id": "?"}, grants=set())

    assert answer["code"] == "permission.denied"


async def test_what_is_missing_is_missing(ask: Ask) -> None:
    answer = await ask("customers.get", {"id": ID[:-1] + "2"})

    assert (answer["error"], answer["code"]) == ("Missing", "customers.not_found")


async def test_a_conflict_reaches_the_plugin(ask: Ask) -> None:
    answer = await ask("customers.create", {"fields": {"name": "Ada", "email": "ada@x.example"}})

    assert answer == {"error": "HostError", "code": "customers.email_taken", "place": "email"}


async def test_what_is_done_is_written_down_as_the_plugins_deed_for_the_user(instance: Instance, ask: Ask) -> None:
    await ask("customers.create", GOOD["customers.create"])

    entry = (await ActivityLog(instance.database).list(SYSTEM)).items[0]
    assert (entry.action, entry.plugin, entry.user_name) == ("customers.create", PLUGIN, "Test Person")


async def test_rights_that_only_people_have_are_of_no_use_to_a_plugin(instance: Instance, prober: ActivePlugin) -> None:
    customer = await make_customer(instance.database)
    instance.runtime.attach(replace(prober, grants=frozenset({"users.manage", "plugins.manage"})))
    request = make_request(method="POST", path="/call", body=["customers.get", {"id": str(customer.id)}])

    answer = await instance.runtime.run_route(PLUGIN, request, SYSTEM)

    assert answer.body["code"] == "permission.denied"


@pytest.mark.parametrize("depth", [300, 900, 2_000, 100_000])
async def test_what_is_nested_too_deeply_breaks_nothing(instance: Instance, depth: int) -> None:
    methods = f"""
    @route("GET", "/")
    def call(self, ctx, request):
        from wit_world import call as door
        deep = "[" * {depth} + "]" * {depth}
        return [door(name, arguments % deep)[:9] for name, arguments in (
            ("log", '{{"level": "info", "message": "x", "details": {{"a": %s}}}}'),
            ("storage.set", '{{"key": "k", "value": %s}}'),
            ("storage.get", '{{"key": "k", "deep": %s}}'),
            ("customers.create", '{{"fields": {{"name": "x", "email": "x@x.example", "notes": %s}}}}'),
        )]
    """
    await instance.attach(methods, grants=PERMISSIONS)

    answer = await instance.get()

    assert all(text.startswith(('{"ok": nu', '{"error":')) for text in answer.body), answer.body
    assert set(answer.body[2:]) == {'{"error":'}
    assert await instance.emails() == []


async def test_so_many_notifications_and_no_more_are_sent_in_one_call(instance: Instance, ada: Customer) -> None:
    methods = """
    @route("GET", "/")
    def call(self, ctx, request):
        one = {"name": "notifications.send", "arguments": {"role": "admin", "title": "Hello"}}
        answers = ctx.storage._call("batch", {"calls": [one] * 15}) + ctx.storage._call("batch", {"calls": [one] * 10})
        return [answer.get("error", {}).get("code") for answer in answers]
    """
    await instance.attach(methods, grants=PERMISSIONS)

    answer = await instance.get()

    assert answer.body == [None] * 20 + ["host.too_often"] * 5
