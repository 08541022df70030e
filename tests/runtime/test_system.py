"""System plugins: found by their routes, asked with the permissions that these name."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.errors import InvalidInput, NotFound, NotSignedIn, PermissionDenied
from rising_bsm.runtime.errors import MethodNotAllowed, PluginNotActive
from rising_bsm.runtime.system import SystemAnswer, SystemPlugin, SystemPlugins, SystemRequest, route
from support.bundles import make_manifest

pytestmark = pytest.mark.anyio

NOBODY_MUCH = Actor(user_id=None, name="Bo", permissions=frozenset())


class Shop:
    """A part with a route of each kind."""

    @route("GET", "/open", public=True)
    async def look(self, request: SystemRequest) -> Any:
        return {"by": request.actor.name if request.actor else None, "query": dict(request.query)}

    @route("GET", "/known")
    async def greet(self, request: SystemRequest) -> Any:
        return request.person.name

    @route("POST", "/things/{thing}/parts/{part}", permission="plugins.manage")
    async def change(self, request: SystemRequest) -> SystemAnswer:
        return SystemAnswer([dict(request.params), request.json()], status=201, headers={"x-shop": "1"})

    async def not_a_route(self, request: SystemRequest) -> Any:
        raise AssertionError


class Cellar:
    """Another part, whose answer comes little by little."""

    @route("GET", "/wine", public=True)
    async def pour(self, request: SystemRequest) -> SystemAnswer:
        async def drops() -> AsyncIterator[bytes]:
            yield b"a"
            yield b"b"

        return SystemAnswer(drops(), content_type="application/octet-stream")


class Window:
    """A part with a handler that is named like one of the shop."""

    @route("GET", "/window", public=True)
    async def look(self, request: SystemRequest) -> Any:
        raise AssertionError


def make_plugin(*parts: object) -> SystemPlugin:
    return SystemPlugin(make_manifest(publisher="rising-bsm", name="shop"), parts or (Shop(), Cellar()))


@pytest.fixture
def plugins() -> SystemPlugins:
    found = SystemPlugins()
    found.add(make_plugin())
    return found


async def ask(
    plugins: SystemPlugins, method: str, path: str, actor: Actor | None = SYSTEM, **more: Any
) -> SystemAnswer:
    return await plugins.run("rising-bsm.shop", SystemRequest(method, path, actor=actor, **more))


def test_the_manifest_says_what_the_parts_answer() -> None:
    routes = {
        (one.method, one.path): (one.handler, one.permission, one.public)
        for one in make_plugin().manifest.exports.routes
    }
    assert routes == {
        ("GET", "/open"): ("look", None, True),
        ("GET", "/known"): ("greet", None, False),
        ("POST", "/things/{thing}/parts/{part}"): ("change", "plugins.manage", False),
        ("GET", "/wine"): ("pour", None, True),
    }
    assert make_plugin().as_dict()["system"] is True


def test_two_handlers_of_one_name_are_noticed() -> None:
    with pytest.raises(ValueError, match="one name"):
        make_plugin(Shop(), Window())


def test_a_route_is_public_or_needs_a_permission() -> None:
    with pytest.raises(ValueError, match="not both"):
        route("GET", "/", permission="plugins.manage", public=True)(Shop.look)


async def test_parameters_and_body_reach_the_handler(plugins: SystemPlugins) -> None:
    answer = await ask(plugins, "POST", "/things/a%2Fb/parts/7", body=b'{"new": 1}')
    assert (answer.status, answer.headers) == (201, {"x-shop": "1"})
    assert answer.body[1] == {"new": 1}
    assert answer.body[0]["part"] == "7"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_json_is_refused(plugins: SystemPlugins, body: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        await ask(plugins, "POST", "/things/a/parts/b", body=body)
    assert refused.value.code == "request.malformed"


async def test_strangers_get_what_is_public(plugins: SystemPlugins) -> None:
    assert (await ask(plugins, "GET", "/open", None, query={"q": "1"})).body == {"by": None, "query": {"q": "1"}}
    for method, path in (("GET", "/known"), ("POST", "/things/a/parts/b")):
        with pytest.raises(NotSignedIn):
            await ask(plugins, method, path, None)


async def test_people_need_the_permission_that_is_named(plugins: SystemPlugins) -> None:
    assert (await ask(plugins, "GET", "/known", NOBODY_MUCH)).body == "Bo"
    with pytest.raises(PermissionDenied) as refused:
        await ask(plugins, "POST", "/things/a/parts/b", NOBODY_MUCH)
    assert refused.value.place == "plugins.manage"


@pytest.mark.parametrize("path", ["/", "/opened", "/open/", "/open/x", "/not_a_route", "/things/a/parts", "/../open"])
async def test_what_is_no_route_is_not_found(plugins: SystemPlugins, path: str) -> None:
    with pytest.raises(NotFound):
        await ask(plugins, "GET", path)
    assert not plugins.answers_strangers("rising-bsm.shop", "GET", path)


async def test_another_method_is_not_allowed(plugins: SystemPlugins) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        await ask(plugins, "DELETE", "/open")
    assert set(refused.value.allowed) == {"GET"}


async def test_who_answers_strangers(plugins: SystemPlugins) -> None:
    asked = [("GET", "/open"), ("GET", "/wine"), ("GET", "/known"), ("POST", "/open"), ("POST", "/things/a/parts/b")]
    assert [plugins.answers_strangers("rising-bsm.shop", *one) for one in asked] == [True, True, False, False, False]


async def test_there_is_nobody_else(plugins: SystemPlugins) -> None:
    assert "rising-bsm.shop" in plugins
    assert "rising-bsm.other" not in plugins
    assert (plugins.named("rising-bsm.other"), [one.id for one in plugins.all]) == (None, ["rising-bsm.shop"])
    with pytest.raises(PluginNotActive):
        await plugins.run("rising-bsm.other", SystemRequest("GET", "/open"))


async def test_an_answer_may_come_little_by_little(plugins: SystemPlugins) -> None:
    answer = await ask(plugins, "GET", "/wine", None)
    assert b"".join([drop async for drop in answer.body]) == b"ab"
