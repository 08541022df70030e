import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from rising_bsm.db import Database
from rising_bsm.errors import Error, InvalidInput, TooLarge
from rising_bsm.runtime import RuntimeLimits, erase
from rising_bsm.runtime.storage import Storage
from rising_bsm.runtime.tables import plugin_storage, plugin_usage

pytestmark = pytest.mark.anyio

LOOK_ALIKES = [
    "é",
    "e\u0301",
    "E\u0301",
    "É",
    "ｅ\u0301",
    "K",
    "\u212a",
    "k",
    "a",
    "а",
    "A",
    "ss",
    "ß",
    " a",
    "a ",
    "a\u200b",
]


def make_storage(database: Database, plugin: str = "acme.test", **limits: int) -> Storage:
    return Storage(database, plugin, RuntimeLimits(**limits))  # type: ignore[arg-type]  # all of these are numbers


async def used(database: Database, plugin: str = "acme.test") -> tuple[int, int]:
    """What is written down as used, and what is."""
    noted = select(plugin_usage.c.storage_bytes).where(plugin_usage.c.plugin_id == plugin)
    real = select(func.sum(plugin_storage.c.size)).where(plugin_storage.c.plugin_id == plugin)
    async with database.reading() as session:
        return await session.scalar(noted) or 0, await session.scalar(real) or 0


@asynccontextmanager
async def refused(code: str, place: str) -> AsyncIterator[None]:
    with pytest.raises(Error) as refusal:
        yield
    assert (refusal.value.code, refusal.value.place) == (code, place)
    assert refusal.value.next_step or isinstance(refusal.value, InvalidInput)


@pytest.mark.parametrize("value", [None, False, 0, "", [], {}, 1.5, "\0 ü 🙂", {"a": [{"b": None}]}, 2**63, "null"])
async def test_a_value_comes_back_as_it_was(database: Database, value: Any) -> None:
    storage = make_storage(database)
    await storage.set("k", value)

    assert await storage.get("k") == {"found": True, "value": value}
    assert await storage.list("", 10) == {"k": value}


async def test_what_is_not_there(database: Database) -> None:
    storage = make_storage(database)

    assert await storage.get("k") == {"found": False, "value": None}
    assert await storage.delete("k") is False
    assert await storage.list("", 10) == {}
    assert await storage.count("") == 0
    assert await storage.increment("k", 5) == 5


async def test_keys_that_look_alike_are_different_keys(database: Database) -> None:
    storage = make_storage(database)
    for number, key in enumerate(LOOK_ALIKES):
        await storage.set(key, number)

    assert await storage.list("", 100) == {key: number for number, key in enumerate(LOOK_ALIKES)}
    assert [(await storage.get(key))["value"] for key in LOOK_ALIKES] == list(range(len(LOOK_ALIKES)))
    assert await storage.delete("É")
    assert await storage.count("") == len(LOOK_ALIKES) - 1


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", ["%", "%a", "A", "_", "_a", "a", "a%", "a_", "ab", "\\a", "ÿ", "\uffff", "\U0010ffff", "\U0010ffffx"]),
        ("a", ["a", "a%", "a_", "ab"]),
        ("%", ["%", "%a"]),
        ("_", ["_", "_a"]),
        ("a_", ["a_"]),
        ("\\", ["\\a"]),
        ("\U0010ffff", ["\U0010ffff", "\U0010ffffx"]),
        ("b", []),
        ("a' OR 1=1 --", []),
    ],
)
async def test_a_prefix_is_no_pattern(database: Database, prefix: str, found: list[str]) -> None:
    storage, other = make_storage(database), make_storage(database, "acme.test2")
    keys = ["%", "%a", "A", "_", "_a", "a", "a%", "a_", "ab", "\\a", "ÿ", "\uffff", "\U0010ffff", "\U0010ffffx"]
    for key in keys:
        await storage.set(key, key)
        await other.set(key, "another's")

    assert list(await storage.list(prefix, 100)) == sorted(found, key=str.encode)
    assert await storage.count(prefix) == len(found)


async def test_the_first_in_the_order_of_their_keys(database: Database) -> None:
    storage = make_storage(database)
    for number in (3, 1, 2):
        await storage.set(f"k{number}", number)

    assert await storage.list("k", 2) == {"k1": 1, "k2": 2}


async def test_two_plugins_do_not_see_each_others_entries(database: Database) -> None:
    mine, others = make_storage(database, "acme.test"), make_storage(database, "acme.tes")
    await mine.set("k", "mine")
    await others.set("k", "other's")
    await others.set("tk", "other's")

    assert await mine.list("", 10) == {"k": "mine"}
    assert await mine.delete("tk") is False
    assert await mine.increment("n", 1) == await others.increment("n", 1) == 1
    assert (await others.get("k"))["value"] == "other's"


async def test_a_value_may_have_so_many_bytes_and_no_more(database: Database) -> None:
    storage = make_storage(database)
    await storage.set("k", "x" * (64 * 1024 - 2))

    for value in ("x" * (64 * 1024 - 1), "é" * (32 * 1024), ["\n"] * 20_000):
        async with refused("storage.value_too_large", "value"):
            await storage.set("k", value)
    assert len((await storage.get("k"))["value"]) == 64 * 1024 - 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")], "\ud800", {"\udfff": 1}])
async def test_what_is_no_json_is_not_stored(database: Database, value: Any) -> None:
    storage = make_storage(database)

    async with refused("storage.invalid", "value"):
        await storage.set("k", value)
    assert await storage.count("") == 0


async def test_the_quota_counts_keys_values_and_rows_to_the_byte(database: Database) -> None:
    storage = make_storage(database, storage_bytes=2 * (64 + 3), entry_bytes=64)
    await storage.set("a", 10)
    await storage.set("é", 1)

    for key, value in (("a", 100), ("ab", 10), ("b", 1), ("é", 10)):
        async with refused("storage.full", "key"):
            await storage.set(key, value)
    async with refused("storage.full", "key"):
        await storage.increment("é", 9)
    assert await storage.list("", 10) == {"a": 10, "é": 1}
    assert await used(database) == (134, 134)


async def test_what_is_deleted_or_made_smaller_makes_room(database: Database) -> None:
    storage = make_storage(database, storage_bytes=2 * 68, entry_bytes=64)
    await storage.set("a", 100)
    await storage.set("b", 100)

    await storage.set("a", 1)
    await storage.set("b", 10_000)
    await storage.delete("a")
    await storage.delete("a")
    await storage.set("c", 1)

    assert await storage.list("", 10) == {"b": 10_000, "c": 1}
    assert await used(database) == (136, 136)


async def test_nobody_gets_over_the_quota_at_once(database: Database) -> None:
    storage = make_storage(database, storage_bytes=5 * (64 + 3), entry_bytes=64)

    attempts = await asyncio.gather(*(storage.set(f"{number:02}", 1) for number in range(20)), return_exceptions=True)

    assert sum(attempt is None for attempt in attempts) == 5
    assert {type(attempt) for attempt in attempts} == {type(None), TooLarge}
    assert await storage.count("") == 5
    assert await used(database) == (335, 335)


async def test_one_entry_written_by_many_counts_once(database: Database) -> None:
    storage = make_storage(database)

    await asyncio.gather(*(storage.set("k", "x" * number) for number in range(20)))
    await asyncio.gather(storage.delete("k"), storage.delete("k"), storage.set("k", 1), storage.increment("j", 1))

    noted, real = await used(database)
    assert noted == real


async def test_no_step_of_a_counter_is_lost(database: Database) -> None:
    storage = make_storage(database)

    sums = await asyncio.gather(*(storage.increment("k", 1) for _ in range(40)))

    assert sorted(sums) == list(range(1, 41))
    assert await storage.get("k") == {"found": True, "value": 40}


@pytest.mark.parametrize("value", ["1", None, True, 1.5, [1], 2**53])
async def test_only_whole_numbers_are_counted_up(database: Database, value: Any) -> None:
    storage = make_storage(database)
    await storage.set("k", value)

    async with refused("storage.invalid", "key"):
        await storage.increment("k", 1)
    assert await storage.get("k") == {"found": True, "value": value}


async def test_a_counter_stays_a_number_that_every_reader_knows(database: Database) -> None:
    storage = make_storage(database)
    assert await storage.increment("k", 2**53 - 1) == 2**53 - 1

    async with refused("storage.invalid", "key"):
        await storage.increment("k", 1)
    assert await storage.increment("k", -(2**53) + 1) == 0


async def test_only_so_much_is_read_at_once(database: Database) -> None:
    storage = make_storage(database, list_bytes=200, entry_bytes=64)
    for key in "abc":
        await storage.set(key, 1)

    assert len(await storage.list("", 3)) == 3
    await storage.set("c", "12345")
    async with refused("storage.too_much", "limit"):
        await storage.list("", 3)
    assert len(await storage.list("", 2)) == 2


async def test_a_plugin_that_is_erased_leaves_nothing_and_no_other_is_touched(database: Database) -> None:
    mine, others = make_storage(database, "acme.test"), make_storage(database, "acme.test2")
    await mine.set("k", 1)
    await others.set("k", 2)

    async with database.transaction() as session:
        await erase(session, "acme.test")

    assert await used(database) == (0, 0)
    assert await mine.count("") == 0
    assert await others.list("", 10) == {"k": 2}


KEYS = st.sampled_from(["a", "ab", "b", "é", "e\u0301", "a%"])
VALUES = st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=40), st.lists(st.integers(), max_size=3))
STEPS = st.one_of(
    st.tuples(st.just("set"), KEYS, VALUES),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("increment"), KEYS, st.integers(-3, 3)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(steps=st.lists(STEPS, max_size=12))
async def test_what_is_noted_as_used_is_what_is_used(database: Database, steps: list[tuple[Any, ...]]) -> None:
    plugin, limit = uuid4().hex, 4 * (64 + 10)
    storage, model = make_storage(database, plugin, storage_bytes=limit), dict[str, Any]()
    for name, key, *arguments in steps:
        try:
            await getattr(storage, name)(key, *arguments)
        except (InvalidInput, TooLarge):
            continue
        if name == "delete":
            model.pop(key, None)
        else:
            model[key] = arguments[0] if name == "set" else model.get(key, 0) + arguments[0]

    noted, real = await used(database, plugin)
    encoded = (json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in model.values())
    sizes = sum(64 + len(key.encode()) + len(text.encode()) for key, text in zip(model, encoded, strict=True))
    assert noted == real == sizes <= limit
    assert await storage.list("", 100) == model


@pytest.mark.parametrize(
    ("stored", "expected", "done"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, True, False),
        (None, None, True),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, True),
        ([1, 2], [2, 1], False),
        ("1", 1, False),
    ],
)
async def test_a_value_is_exchanged_for_what_is_expected_alone(
    database: Database, stored: Any, expected: Any, done: bool
) -> None:
    storage = make_storage(database)
    await storage.set("k", stored)

    assert await storage.compare_and_set("k", expected, "new") is done
    assert (await storage.get("k"))["value"] == ("new" if done else stored)


async def test_absent_is_not_null(database: Database) -> None:
    storage = make_storage(database)

    assert not await storage.compare_and_set("k", None, 1)
    assert await storage.compare_and_set("k", None, None, absent=True)
    assert not await storage.compare_and_set("k", None, 1, absent=True)
    assert await storage.compare_and_set("k", None, 1)


async def test_of_several_who_exchange_one_value_at_once_one_does(database: Database) -> None:
    storage = make_storage(database)
    await storage.set("k", 0)

    done = await asyncio.gather(*(storage.compare_and_set("k", 0, number) for number in range(1, 9)))

    assert sum(done) == 1
    assert (await storage.get("k"))["value"] == done.index(True) + 1


async def test_an_exchange_counts_towards_the_quota(database: Database) -> None:
    storage = make_storage(database, storage_bytes=64 + 1 + 10)

    assert await storage.compare_and_set("k", None, "12345678", absent=True)
    with pytest.raises(TooLarge, match="full"):
        await storage.compare_and_set("k", "12345678", "123456789")
    assert (await storage.get("k"))["value"] == "12345678"
