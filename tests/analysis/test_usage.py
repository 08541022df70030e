"""Permissions against code: what is certain, what only looks so, and what cannot be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.analysis import usage
from rising_bsm.bundle import Manifest
from rising_bsm.runtime.host_api import HOST_API
from support.analysed import PATH, make_source, wrong
from support.bundles import make_manifest


def manifest(*asked: str, optional: tuple[str, ...] = (), **exports: object) -> Manifest:
    def rows(codes: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"code": code, "reason": "A test needs it."} for code in codes]

    return make_manifest(permissions=rows(asked), optional_permissions=rows(optional), exports=exports)


HANDLER = "@route('GET', '/x')\ndef x(self, {name}, request):\n    {body}\n"


def found(body: str, *asked: str, name: str = "ctx", optional: tuple[str, ...] = ()) -> list[tuple[str, str | None]]:
    source = make_source(HANDLER.format(name=name, body=body))
    return [(code, place) for _, code, place in wrong(usage.check(source, manifest(*asked, optional=optional)))]


@pytest.mark.parametrize(
    ("body", "permission"),
    [
        ("ctx.customers.create(name='x')", "customers.create"),
        ("ctx.customers.all()", "customers.read"),
        ("list(ctx.appointments.list()['items'])", "appointments.read"),
        ("ctx.requests.convert('1')", "requests.update"),
        ("ctx.users.get('1')", "users.read"),
        ("ctx.notifications.send('x')", "notifications.send"),
        ("customers = ctx.customers; customers.delete('1')", "customers.delete"),
        ("get = ctx.customers.get", "customers.read"),
        ("ctx.batch([('customers.update', {'id': '1'})])", "customers.update"),
        ("helper(ctx).customers.count()", "customers.read"),
    ],
)
def test_what_is_used(body: str, permission: str) -> None:
    assert found(body, permission) == []
    assert found(body, optional=(permission,)) == []
    assert found(body) == [("usage.not_asked", f"{PATH}:3")]
    assert found("pass", permission) == [("usage.not_used", "pyproject.toml")]


def test_a_handler_may_call_its_context_as_it_likes() -> None:
    source = make_source(HANDLER.format(name="here", body="here.users.list()"))
    assert wrong(usage.check(source, manifest())) == [("error", "usage.not_asked", f"{PATH}:3")]


def test_what_may_be_something_else_is_a_warning() -> None:
    source = make_source("def f(api):\n    return api.customers.create()\n")
    assert wrong(usage.check(source, manifest())) == [("warning", "usage.not_asked", f"{PATH}:2")]


@pytest.mark.parametrize(
    "body",
    [
        "self.cache.get('1')",
        "d = {}; d.customers",
        "ctx.storage.get('customers.create')",
        "ctx.may('customers.update')",
        "ctx.may('users.read'); ctx.batch([('storage.get', {'key': 'x'})])",
        "ctx.log.info('customers.read')",
    ],
)
def test_what_is_not_used(body: str) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "getattr(ctx, request.body)",
        "getattr(ctx.customers, verb)()",
        "getattr(ctx, 'customers').create()",
        "exec(request.body)",
        "eval('ctx.customers')",
        "ctx._call(request.body, {})",
        "vars(ctx)['customers']",
        "__import__(name)",
        "importlib.import_module(name)",
    ],
)
def test_what_cannot_be_seen_is_said_and_nothing_else_is_claimed(body: str) -> None:
    assert ("usage.dynamic", f"{PATH}:3") in found(body)
    source = make_source(HANDLER.format(name="ctx", body=body))
    said = " ".join(one.message for one in usage.check(source, manifest("users.read")))
    assert "nothing uses it" not in said
    assert "some of the code cannot be seen" in said


def test_getattr_with_a_name_is_seen_through() -> None:
    assert found("getattr(ctx, 'log')") == []


def test_exports_use_what_they_take() -> None:
    routes = [{"method": "GET", "path": "/x", "handler": "x", "permission": "users.read"}]
    routes += [{"method": "GET", "path": "/y", "handler": "y", "public": True}]
    exports = {
        "routes": routes,
        "before": [{"hook": "customers.create", "handler": "b"}],
        "after": [{"event": "appointments.update", "handler": "a"}],
    }
    asked = ("users.read", "routes.public", "customers.read", "appointments.read")
    assert wrong(usage.check(make_source(""), manifest(*asked, **exports))) == []


def test_converting_may_take_more() -> None:
    assert found("ctx.requests.convert('1')", "requests.update", "customers.create", "customers.read") == []


def test_every_host_function_with_a_permission_is_known() -> None:
    for function in HOST_API:
        if function.needs:
            noun, _, verb = function.name.partition(".")
            assert found(f"ctx.{noun}.{verb}()") == [("usage.not_asked", f"{PATH}:3")]


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    list(usage.check(make_source(text.encode("utf-8", "replace")), manifest("users.read")))
