from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from rising_bsm.errors import InvalidInput
from rising_bsm.hooks import BeforeHandler, HookPoints

pytestmark = pytest.mark.anyio
POINT = "customers.create"


def changing(**changes: Any) -> BeforeHandler:
    async def handler(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> dict[str, Any]:
        return draft | changes

    return handler


def answering(make: Callable[[dict[str, Any]], Any]) -> Callable[..., Awaitable[Any]]:
    async def handler(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> Any:
        return make(draft)

    return handler


async def test_without_handlers_the_draft_stays() -> None:
    assert await HookPoints().run_before(POINT, {"a": 1}, None, None) == {"a": 1}


async def test_handlers_run_in_the_order_of_registration_each_on_what_the_last_returned() -> None:
    hooks = HookPoints()
    for letter in "abc":
        hooks.before(POINT, answering(lambda draft, letter=letter: {"text": draft["text"] + letter}))

    assert await hooks.run_before(POINT, {"text": ""}, None, None) == {"text": "abc"}


async def test_orders_and_then_names_decide_who_runs_first() -> None:
    hooks = HookPoints()
    for letter, order, name in (("d", 100, "b"), ("c", 100, "a"), ("a", 0, "z"), ("e", 101, "a"), ("b", 50, "")):
        handler = answering(lambda draft, letter=letter: {"text": draft["text"] + letter})
        hooks.before(POINT, handler, order=order, name=name)

    assert await hooks.run_before(POINT, {"text": ""}, None, None) == {"text": "abcde"}


async def test_a_handler_is_asked_at_its_own_point_only() -> None:
    hooks = HookPoints()
    hooks.before("customers.delete", changing(a=2))

    assert await hooks.run_before(POINT, {"a": 1}, None, None) == {"a": 1}


async def test_a_handler_gets_what_is_stored_and_who_acts() -> None:
    seen: list[Any] = []

    async def handler(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        seen.append((draft, current, actor))

    hooks = HookPoints()
    hooks.before(POINT, handler)
    await hooks.run_before(POINT, {"a": 1}, {"a": 0}, "somebody")

    assert seen == [({"a": 1}, {"a": 0}, "somebody")]


async def test_a_handler_that_returns_nothing_changes_nothing_even_if_it_tried() -> None:
    async def sneaky(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        draft["tags"].append("sneaked in")
        draft["a"] = 2
        assert current is not None
        current["tags"].clear()

    hooks, draft, current = HookPoints(), {"a": 1, "tags": ["x"]}, {"tags": ["y"]}
    hooks.before(POINT, sneaky)

    assert await hooks.run_before(POINT, draft, current, None) == {"a": 1, "tags": ["x"]}
    assert (draft, current) == ({"a": 1, "tags": ["x"]}, {"tags": ["y"]})


async def test_what_a_handler_returned_cannot_be_changed_by_it_afterwards() -> None:
    kept: list[dict[str, Any]] = []

    async def keeps(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> dict[str, Any]:
        kept.append(draft)
        return draft

    async def changes_the_other(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        kept[0]["tags"].append("sneaked in")

    hooks = HookPoints()
    hooks.before(POINT, keeps)
    hooks.before(POINT, changes_the_other)

    assert await hooks.run_before(POINT, {"tags": []}, None, None) == {"tags": []}


async def test_a_refusal_ends_the_run() -> None:
    def refuse(draft: dict[str, Any]) -> None:
        raise InvalidInput("no", fields={"a": "no"})

    reached: list[str] = []
    hooks = HookPoints()
    hooks.before(POINT, answering(refuse))
    hooks.before(POINT, answering(lambda _: reached.append("second")))

    with pytest.raises(InvalidInput, match="no"):
        await hooks.run_before(POINT, {"a": 1}, None, None)
    assert reached == []


async def test_a_handler_that_was_removed_is_not_asked() -> None:
    hooks = HookPoints()
    first, _second = hooks.before(POINT, changing(a=2)), hooks.before(POINT, changing(b=2))
    first.remove()
    first.remove()

    assert await hooks.run_before(POINT, {"a": 1}, None, None) == {"a": 1, "b": 2}


async def test_one_of_two_equal_handlers_can_be_removed() -> None:
    hooks, handler = HookPoints(), answering(lambda draft: {"n": draft["n"] + 1})
    hooks.before(POINT, handler)
    hooks.before(POINT, handler).remove()

    assert await hooks.run_before(POINT, {"n": 0}, None, None) == {"n": 1}


async def test_a_run_is_not_shortened_by_a_handler_that_is_removed_meanwhile() -> None:
    hooks = HookPoints()
    first = hooks.before(POINT, answering(lambda _: first.remove()))
    hooks.before(POINT, changing(checked=True))

    assert await hooks.run_before(POINT, {}, None, None) == {"checked": True}


@pytest.mark.parametrize("answer", [[], "draft", 7, True, object()])
async def test_an_answer_that_is_no_draft_is_refused(answer: Any) -> None:
    hooks = HookPoints()
    hooks.before(POINT, answering(lambda _: answer))

    with pytest.raises(InvalidInput) as refusal:
        await hooks.run_before(POINT, {}, None, None)
    assert (refusal.value.code, refusal.value.place) == ("hooks.bad_answer", POINT)


async def test_an_answer_nested_too_deeply_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"d": deep}
    hooks = HookPoints()
    hooks.before(POINT, answering(lambda _: deep))

    with pytest.raises(InvalidInput, match="nested too deeply"):
        await hooks.run_before(POINT, {}, None, None)
