from typing import Any

import pytest

from rising_bsm.db import Database
from rising_bsm.errors import TooLarge
from rising_bsm.runtime import RuntimeLimits, erase
from rising_bsm.runtime.problems import Problems

pytestmark = pytest.mark.anyio


def make_problems(database: Database, plugin: str = "acme.test", **limits: Any) -> Problems:
    return Problems(database, plugin, RuntimeLimits(**limits))


async def test_equal_keys_are_one_problem_that_is_counted(database: Database) -> None:
    problems = make_problems(database)
    await problems.report("mail", "It bounced.", "warning", {"to": "a"})
    await problems.report("disk", "It is full.", "error", {})
    await problems.report("mail", "It bounced again.", "error", {"to": "b"})

    mail, disk = await problems.all()

    assert (mail["key"], mail["count"], mail["message"], mail["level"]) == ("mail", 2, "It bounced again.", "error")
    assert (mail["details"], mail["first_at"] < mail["last_at"]) == ({"to": "b"}, True)
    assert (disk["count"], disk["first_at"] == disk["last_at"]) == (1, True)


async def test_what_is_cleared_is_gone_and_begins_anew(database: Database) -> None:
    problems = make_problems(database)
    await problems.report("mail", "x", "info", {})
    await problems.report("mail", "x", "info", {})

    assert [await problems.clear("mail"), await problems.clear("mail")] == [True, False]
    await problems.report("mail", "x", "info", {})

    assert [problem["count"] for problem in await problems.all()] == [1]


async def test_each_plugin_has_its_own(database: Database) -> None:
    mine, others = make_problems(database), make_problems(database, "acme.test2")
    await mine.report("mail", "x", "info", {})
    await others.report("mail", "y", "info", {})

    assert await mine.clear()
    assert [problem["message"] for problem in await others.all()] == ["y"]
    async with database.transaction() as session:
        await erase(session, "acme.test2")
    assert await others.all() == []


async def test_too_many_are_refused_and_known_ones_are_not(database: Database) -> None:
    problems = make_problems(database, problems=2)
    for key in ("a", "b"):
        await problems.report(key, "x", "info", {})

    with pytest.raises(TooLarge, match="2 problems"):
        await problems.report("c", "x", "info", {})
    await problems.report("a", "x", "info", {})

    assert sorted((problem["key"], problem["count"]) for problem in await problems.all()) == [("a", 2), ("b", 1)]


async def test_nothing_in_it_steers_a_terminal_or_fills_the_database(database: Database) -> None:
    problems = make_problems(database, line_characters=50)
    await problems.report("k", "\x1b[2J" + "x" * 1_000, "info", {"\u202e": "y" * 1_000})

    (problem,) = await problems.all()

    assert problem["message"].isprintable()
    assert len(problem["message"]) == 50
    assert str(problem["details"]).isprintable()
    assert len(str(problem["details"])) < 100
