import ast
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

import rising_bsm_sdk.context
from rising_bsm.accounts import PERMISSIONS, SYSTEM, ActivityLog
from rising_bsm.business.customers import Customer
from rising_bsm.runtime import HOST_API, ActivePlugin
from rising_bsm.sandbox import Pool
from support.people import make_actor, make_customer
from support.runtime import PLUGIN, Instance, make_plugin, make_request

pytestmark = pytest.mark.anyio

ID = "01890000-0000-7000-8000-000000000001"
NAMES = [function.name for function in HOST_API]
GUARDED = [function for function in HOST_API if function.needs]
GOOD: dict[str, dict[str, Any]] = {
    "customers.list": {"search": "ada", "sort": "-name", "limit": 1, "status": "active"},
    "customers.count": {"search": "ada", "type": "private"},
    "customers.get": {"id": ID},
    "customers.create": {"fields": {"name": "Grace", "email": "grace@x.example"}},
    "customers.update": {"id": ID, "changes": {"city": "London"}},
    "customers.delete": {"id": ID},
    "storage.get": {"key": "k"},
    "storage.set": {"key": "new", "value": {"a": [1, None]}},
    "storage.delete": {"key": "k"},
    "storage.list": {"prefix": "k", "limit": 1},
    "storage.count": {"prefix": "k"},
    "storage.increment": {"key": "k", "by": 2},
    "log": {"level": "info", "message": "hello", "details": {"a": 1}},
}
EXPECTED: dict[str, Callable[[Any], bool]] = {
    "customers.list": lambda page: page["total"] == 1 and page["items"][0]["id"] == ID,
    "customers.count": lambda number: number == 1,
    "customers.get": lambda customer: customer["email"] == "ada@x.example",
    "customers.create": lambda customer: customer["email"] == "grace@x.example" and customer["version"] == 1,
    "customers.update": lambda customer: customer["city"] == "London" and customer["version"] == 2,
    "customers.delete": lambda nothing: nothing is None,
    "storage.get": lambda entry: entry == {"found": True, "value": 40},
    "storage.set": lambda nothing: nothing is None,
    "storage.delete": lambda removed: removed is True,
    "storage.list": lambda entries: entries == {"k": 40},
    "storage.count": lambda number: number == 1,
    "storage.increment": lambda number: number == 42,
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
    ("log", {"level": "debug", "message": "x"}, "level"),
    ("log", {"level": "info", "message": 5}, "message"),
    ("log", {"level": "info", "message": "x", "details": []}, "details"),
]


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
    return await make_plugin(pool, methods, grants=PERMISSIONS)


@pytest.fixture
async def ada(instance: Instance) -> Customer:
    async with instance.database.transaction() as session:
        customer = Customer(id=UUID(ID))
        customer.change({"name": "Ada", "email": "ada@x.example", "type": "private", "status": "active"})
        session.add(customer)
    return customer


@pytest.fixture
def ask(instance: Instance, prober: ActivePlugin, ada: Customer) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def ask(name: str, arguments: Any, *, grants: Any = PERMISSIONS, rights: Any = PERMISSIONS) -> dict[str, Any]:
        instance.runtime.attach(replace(prober, grants=frozenset(grants)))
        request = make_request(method="POST", path="/call", body=[name, arguments])
        answer = await instance.runtime.run_route(PLUGIN, request, make_actor(permissions=rights))
        body: dict[str, Any] = answer.body
        return body

    return ask


Ask = Callable[..., Awaitable[dict[str, Any]]]


def test_these_tests_know_every_function() -> None:
    assert set(GOOD) == set(EXPECTED) == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)
    assert {name for name, _arguments, _field in BAD} == set(NAMES)


def test_the_sdk_calls_every_function_and_no_other() -> None:
    tree = ast.parse(inspect.getsource(rising_bsm_sdk.context))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._call")

    assert {ast.literal_eval(call.args[0]) for call in calls} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_granted_works(ask: Ask, name: str) -> None:
    await ask("storage.set", {"key": "k", "value": 40})

    answer = await ask(name, GOOD[name])

    assert EXPECTED[name](answer["ok"]), answer


@pytest.mark.parametrize("function", GUARDED, ids=lambda function: function.name)
async def test_exactly_the_one_permission_is_needed(ask: Ask, function: Any) -> None:
    answer = await ask(function.name, GOOD[function.name], grants={function.needs}, rights={function.needs})

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
