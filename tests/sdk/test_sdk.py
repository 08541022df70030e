"""The SDK as an author's editor and type checker see it, outside the sandbox."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import rising_bsm_sdk
from rising_bsm_sdk import Context, Missing, Plugin, PluginInfo, Refuse, Request, Response, before, route
from rising_bsm_sdk.decorators import Before, Route, marks_of

SDK = Path(__file__).parents[2] / "sdk"


def test_everything_public_is_exported_and_documented() -> None:
    assert sorted(rising_bsm_sdk.__all__) == rising_bsm_sdk.__all__
    assert all(getattr(rising_bsm_sdk, name).__doc__ for name in rising_bsm_sdk.__all__)


def test_it_is_typed_and_depends_on_nothing() -> None:
    assert files(rising_bsm_sdk).joinpath("py.typed").is_file()
    assert tomllib.loads((SDK / "pyproject.toml").read_text())["project"]["dependencies"] == []


def test_decorators_leave_the_method_as_it_is() -> None:
    class Sample(Plugin):
        @route("GET", "/a", permission="customers.read")
        @route("POST", "/b")
        @before("customers.create")
        def run(self, _ctx: Context, _request: Request) -> int:
            return 1

    assert Sample().run(make_context({}), Request("GET", "/a")) == 1
    assert marks_of(Sample.run) == (
        Before("customers.create"),
        Route("POST", "/b", None),
        Route("GET", "/a", "customers.read"),
    )
    assert marks_of(Plugin.on_install) == ()


def make_context(replies: dict[str, Any], asked: list[tuple[str, dict[str, Any]]] | None = None) -> Context:
    """A context whose host answers by name, and notes what it was asked."""

    def call(name: str, arguments: dict[str, Any]) -> Any:
        if asked is not None:
            asked.append((name, arguments))
        reply = replies[name]
        return reply(arguments) if callable(reply) else reply

    return Context(PluginInfo("acme.hello", "1.0.0"), call)


def test_what_is_not_given_is_not_sent() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    make_context({"customers.count": 3}, asked).customers.count(status="active")
    assert asked == [("customers.count", {"status": "active"})]


def test_all_customers_are_read_page_by_page() -> None:
    everybody = [{"id": str(number)} for number in range(450)]

    def page(arguments: dict[str, Any]) -> dict[str, Any]:
        offset, limit = arguments["offset"], arguments["limit"]
        return {"items": everybody[offset : offset + limit], "total": 450, "limit": limit, "offset": offset}

    asked: list[tuple[str, dict[str, Any]]] = []
    found = list(make_context({"customers.list": page}, asked).customers.all(status="active"))
    assert [customer["id"] for customer in found] == [customer["id"] for customer in everybody]
    assert len(asked) == 3


def test_reading_all_ends_when_customers_vanish_meanwhile() -> None:
    empty = {"items": [], "total": 10, "limit": 200, "offset": 0}
    assert list(make_context({"customers.list": empty}).customers.all()) == []


@pytest.mark.parametrize(("found", "value"), [(True, None), (True, 0), (False, "default")])
def test_a_stored_nothing_differs_from_nothing_stored(found: bool, value: Any) -> None:
    context = make_context({"storage.get": {"found": found, "value": None if value is None else 0}})
    assert context.storage.get("key", "default") == value


def test_errors_carry_code_and_place() -> None:
    error = Missing("There is no such customer.", code="customers.not_found", place="id")
    assert (error.code, error.place, str(error)) == ("customers.not_found", "id", "There is no such customer.")
    assert Refuse("No.", field="name").field == "name"
    assert Response().status == 200
