"""The storage in memory answers and refuses as the one in a database does, whatever is done with it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rising_bsm.cli.simulated_storage import SimulatedStorage
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.runtime.limits import DEFAULT_LIMITS
from rising_bsm.runtime.storage import Storage
from support.database import open_database

TIGHT = replace(DEFAULT_LIMITS, storage_bytes=700, value_bytes=120, list_bytes=300)
KEYS = st.sampled_from(["a", "a/b", "a/c", "ä", "b", "\U0001f600", "Z", "a/"])
PREFIXES = st.sampled_from(["", "a", "a/", "ä", "x", "\U0001f600"])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**54), 2**54),
    st.floats(),
    st.text(max_size=130),
    st.lists(st.integers(), max_size=3),
    st.just("\ud800"),
)
STEPS = st.one_of(
    st.tuples(st.just("get"), KEYS),
    st.tuples(st.just("set"), KEYS, VALUES),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("list"), PREFIXES, st.integers(1, 5)),
    st.tuples(st.just("count"), PREFIXES),
    st.tuples(st.just("increment"), KEYS, st.integers(-(2**53) + 1, 2**53 - 1)),
)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def database(runner: asyncio.Runner) -> Iterator[Database]:
    opened = open_database()
    yield runner.run(opened.__aenter__())
    runner.run(opened.__aexit__(None, None, None))


async def answer(storage: Storage | SimulatedStorage, step: tuple[Any, ...]) -> Any:
    verb, *arguments = step
    try:
        return repr(await getattr(storage, verb)(*arguments))
    except Error as error:
        return error.code, error.place


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(steps=st.lists(STEPS, max_size=12))
def test_they_answer_the_same(runner: asyncio.Runner, database: Database, steps: list[tuple[Any, ...]]) -> None:
    async def story() -> None:
        real, simulated = Storage(database, str(uuid4()), TIGHT), SimulatedStorage(TIGHT)
        for step in steps:
            assert await answer(simulated, step) == await answer(real, step)

    runner.run(story())


def test_it_is_full_where_the_real_one_is(runner: asyncio.Runner, database: Database) -> None:
    async def story() -> None:
        real, simulated = Storage(database, "acme.hello", TIGHT), SimulatedStorage(TIGHT)
        answers = [(await answer(real, step), await answer(simulated, step)) for step in steps]
        assert all(first == second for first, second in answers)
        assert "storage.full" in str(answers)

    steps = [("set", str(number), "x" * 100) for number in range(8)]
    runner.run(story())
