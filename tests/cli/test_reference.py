"""docs/reference/cli.md is what the commands say of themselves."""

from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from rising_bsm.cli.app import app
from rising_bsm.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs/reference/cli.md"


def commands() -> list[tuple[str, TyperCommand]]:
    def below(name: str, command: object) -> list[tuple[str, TyperCommand]]:
        if isinstance(command, TyperGroup):
            return [found for key, inner in command.commands.items() for found in below(f"{name} {key}", inner)]
        assert isinstance(command, TyperCommand)
        return [(name, command)]

    return below("rising-bsm", get_command(app))


def test_the_page_is_the_program() -> None:
    again = "run `python -m rising_bsm.cli.reference > docs/reference/cli.md`"
    assert PAGE.read_text() == reference(), again


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_has_a_sentence_and_examples_that_call_it(name: str, command: TyperCommand) -> None:
    help = command.help or ""
    assert help.split(".")[0]
    examples = [line.strip() for line in help.partition("Examples:")[2].splitlines() if line.strip()]
    assert examples
    assert all(line.startswith(name) for line in examples)


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_argument_and_option_says_what_it_is(name: str, command: TyperCommand) -> None:
    assert all(getattr(param, "help", None) for param in command.params)
