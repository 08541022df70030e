"""Every command on a page is one that the program understands."""

import re
from typing import Any

import pytest
from typer.main import get_command

from rising_bsm.cli.app import app
from support.docs import ROOT, Page, commands, pages

PROGRAM = re.compile(r"(?:.*/)?rising-bsm")
MAKE = re.compile(r"^make ([a-z]+)", re.MULTILINE)


def shown() -> list[tuple[str, list[str]]]:
    """What follows `rising-bsm` in fenced blocks of the terminal, with the page it is on."""
    found = []
    for one in pages():
        for block in one.blocks("console", "sh", ""):
            found += [(one.name, words[1:]) for words in commands(block) if PROGRAM.fullmatch(words[0])]
    return found


def parse(words: list[str]) -> None:
    """Reads the words as the program would, and does nothing; raises what is wrong with them."""
    command: Any = get_command(app)
    context = command.make_context("rising-bsm", list(words))
    while hasattr(command, "commands"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(("where", "words"), shown(), ids=[" ".join(words) for _, words in shown()])
def test_a_command_is_understood(where: str, words: list[str]) -> None:
    parse(words)


@pytest.mark.parametrize(
    "words", ["creat acme.hello", "create", "build --colour", "keys forget acme", "serve --port x"]
)
def test_what_the_program_does_not_understand_is_noticed(words: str) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|missing|valid"):
        parse(words.split())


def test_pages_show_nearly_every_command() -> None:
    used = {words[0] for _, words in shown()}
    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert used <= known
    assert known - used == set()


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.name)
def test_commands_named_in_passing_exist(one: Page) -> None:
    known: Any = get_command(app)
    for code in one.inline_code():
        words = code.split()
        if words[0] == "rising-bsm" and len(words) > 1 and not words[1].startswith("-"):
            assert words[1] in known.commands, f"{one.name}: {code}"


def test_what_make_is_asked_for_is_in_the_makefile() -> None:
    rules = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    texts = [text for one in pages() for text in [*one.inline_code(), *_scripts(one)]]
    asked = {target for text in texts for target in MAKE.findall(text)}
    assert {"run", "test", "setup"} <= asked <= set(rules)


def _scripts(one: Page) -> list[str]:
    return [block.text for block in one.blocks("sh", "console")]
