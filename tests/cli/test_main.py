"""One translator for all errors, and the same manners for every command."""

import resource

import pytest

from rising_bsm import __version__
from rising_bsm.cli import FileTrouble, Unexpected, translated
from rising_bsm.errors import Conflict
from support.program import START, Program


def test_version(program: Program) -> None:
    run = program.python(START, "--version")
    assert (run.status, run.out) == (0, f"rising-bsm {__version__}\n")


def test_help_starts_fast(program: Program) -> None:
    def seconds() -> float:
        before = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        assert program.python(START, "--help").status == 0
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - before

    assert min(seconds() for _ in range(5)) < 0.25


def test_help_lists_the_commands_by_who_they_are_for(program: Program) -> None:
    lines = program("--help").out.splitlines()
    author, admin = lines.index("For authors of plugins:"), lines.index("For administrators of an instance:")
    [create, keys, serve] = [
        next(number for number, line in enumerate(lines) if line.startswith(f"  {name} "))
        for name in ("create", "keys", "serve")
    ]
    assert author < create < keys < admin < serve


def test_no_heavy_room_is_imported_to_start(program: Program) -> None:
    heavy = "sqlalchemy litestar wasmtime cryptography pydantic httpx rich pip asyncio ssl"
    code = f"import rising_bsm.cli, sys; print([name for name in '{heavy}'.split() if name in sys.modules])"
    assert program.python(code).out == "[]\n"


@pytest.mark.parametrize("arguments", [["nonsense"], ["create"], ["create", "acme.hello", "--nonsense"]])
def test_wrong_usage_exits_2(program: Program, arguments: list[str]) -> None:
    run = program(*arguments)
    assert run.status == 2
    assert "--help" in run.err
    assert "Traceback" not in run.err


def test_a_refusal_is_a_sentence_a_code_a_place_and_a_next_step(program: Program) -> None:
    run = program("create", "Acme", "--yes")
    assert (run.status, run.out) == (1, "")
    assert run.err.splitlines() == [
        '✗ "Acme" is not an id of a plugin.  [cli.bad_id]',
        "  at: PUBLISHER.NAME",
        "  next: Use small letters, digits and single dashes, at most 40 on each side of one dot: acme.hello.",
    ]


@pytest.mark.parametrize("arguments", [["--debug", "create", "Acme"], ["create", "Acme", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(program: Program, arguments: list[str]) -> None:
    run = program(*arguments)
    assert run.status == 1
    assert "Traceback" in run.err


def test_debug_can_come_from_the_environment(program: Program) -> None:
    assert "Traceback" in program("create", "Acme", RISING_BSM_DEBUG="1").err
    assert "Traceback" not in program("create", "Acme", RISING_BSM_DEBUG="0").err


def test_errors_of_ours_stay_as_they_are() -> None:
    error = Conflict("No.", code="a.b")
    assert translated(error) is error


def test_errors_of_the_file_system_name_the_file() -> None:
    error = translated(FileNotFoundError(2, "No such file or directory", "x.rbsm"))
    assert isinstance(error, FileTrouble)
    assert (error.message, error.place) == ("No such file or directory.", "x.rbsm")


def test_whatever_else_breaks_asks_for_a_report() -> None:
    error = translated(KeyError("spam"))
    assert isinstance(error, Unexpected)
    assert "KeyError" in error.message
    assert "--debug" in (error.next_step or "")
