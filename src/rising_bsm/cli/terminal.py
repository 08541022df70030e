"""What people see: lines, colours, progress, questions. Text that strangers wrote is made harmless first."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from rising_bsm.errors import Error, InvalidInput


class NoAnswer(Error):
    """A question was asked where nobody can answer it."""

    code = "cli.no_answer"


def visible(text: str, *, keep: str = "") -> str:
    """`text` with every character that a terminal would act on written out (`\\x1b`), except those in `keep`.

    That covers control characters, escape sequences, line breaks, direction overrides and lone surrogates.
    """
    return "".join(c if c.isprintable() or c in keep else _written_out(c) for c in text)


def as_json(value: Any) -> str:
    """`value` as indented JSON in which characters a terminal would act on are escaped; still equal when read back."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2 files`; `many` is for words that do not just take an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(count: int) -> str:
    """A number of bytes for people: `512 bytes`, `3.4 KB`, `1.2 MB`."""
    if count < 1000:
        return plural(count, "byte")
    return f"{count / 1000:.1f} KB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows as aligned lines, two spaces between the columns."""
    table = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def say(line: str = "", *, colour: str | None = None, bold: bool = False) -> None:
    """One line of result on standard output."""
    typer.echo(typer.style(line, fg=colour, bold=bold) if colour or bold else line)


def note(line: str) -> None:
    """One line on standard error that is not part of the result."""
    typer.secho(line, fg="bright_black", err=True)


def ticked(line: str) -> None:
    """A line with a green tick: this was checked, or this was done."""
    typer.echo(f"{typer.style('✓', fg='green')} {line}")


def show_error(error: Error) -> None:
    """An error on standard error: the sentence in red with its code, then place, fields and next step."""
    typer.secho(f"✗ {visible(error.message)}  [{visible(error.code)}]", fg="red", err=True)
    fields = error.fields if isinstance(error, InvalidInput) else {}
    parts = [("at", error.place or ""), *fields.items(), ("next", error.next_step or "")]
    for name, text in parts:
        if text and text != error.message:
            typer.echo(f"  {visible(name)}: {visible(text)}", err=True)


@contextmanager
def progress(message: str) -> Iterator[None]:
    """A spinner beside `message` while the block runs; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(visible(message)):
        yield


@contextmanager
def steps() -> Iterator[Callable[[str, int | None, int | None], None]]:
    """To show the steps of something as they are taken, and how much of how many bytes has arrived.

    A bar on a terminal; elsewhere one line on standard error for each step.
    """
    if not sys.stderr.isatty():
        yield lambda sentence, _done, total: note(visible(sentence)) if total is None else None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

    shown = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(sentence: str, done: int | None, total: int | None) -> None:
            bar.update(task, description=visible(sentence).replace("[", r"\["), completed=done, total=total)

        yield show


def confirm(question: str, *, option: str) -> bool:
    """Ask yes or no, no being the default; `option` is what answers it beforehand."""
    with _answered(option):
        return typer.confirm(question, default=False, err=True)


def ask(question: str, *, default: str, option: str) -> str:
    """Ask for a line of text; `option` is what answers it beforehand."""
    with _answered(option):
        return str(typer.prompt(question, default=default, err=True))


def ask_hidden(question: str, *, option: str, twice: bool = False) -> str:
    """Ask for a secret that is not shown while it is typed."""
    with _answered(option):
        return str(typer.prompt(question, hide_input=True, confirmation_prompt=twice, err=True))


@contextmanager
def _answered(option: str) -> Iterator[None]:
    try:
        yield
    except typer.Abort:
        typer.echo(err=True)
        if sys.stdin.isatty():
            raise typer.Exit(130) from None
        raise NoAnswer(
            "This needs an answer and nobody is there to give it.", next_step=f"Answer with {option}."
        ) from None


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
