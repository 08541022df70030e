"""`rising-bsm create`: a new plugin."""

import re
from pathlib import Path
from typing import Annotated

import typer

from rising_bsm.cli.scaffold import KINDS, NewPlugin, known_kind, scaffold, write
from rising_bsm.cli.terminal import ask, say, ticked
from rising_bsm.errors import InvalidInput

PART = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
ID = re.compile(rf"({PART})\.({PART})")


def create(
    plugin_id: Annotated[str, typer.Argument(metavar="PUBLISHER.NAME", help="The plugin's id, such as acme.hello.")],
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help=f"What it is: {', '.join(KINDS)} (default: mixed).")
    ] = None,
    display_name: Annotated[str | None, typer.Option("--display-name", help="The name people see.")] = None,
    description: Annotated[str | None, typer.Option("--description", help="What it does, in one sentence.")] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to make it (default: ./NAME).")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")] = False,
) -> None:
    """Make a new plugin in a folder of its own.

    \b
    Examples:
      rising-bsm create acme.hello
      rising-bsm create acme.hello --type api --yes
      rising-bsm create acme.hello --yes --folder plugins/hello
    """
    publisher, name = parse_id(plugin_id)
    title = name.replace("-", " ").capitalize()

    def answer(given: str | None, question: str, default: str, option: str) -> str:
        return given or (default if yes else ask(question, default=default, option=option))

    chosen = answer(type_, f"Type ({', '.join(KINDS)})", "mixed", "--type or --yes")
    kind = known_kind(chosen)
    plugin = NewPlugin(
        publisher,
        name,
        chosen,
        answer(display_name, "Name that people see", title, "--display-name or --yes"),
        answer(description, "What it does, in one sentence", kind.summary, "--description or --yes"),
    )
    root = folder or Path(name)
    write(root, scaffold(plugin))
    _tell(root, plugin_id, kind.target)


def parse_id(plugin_id: str) -> tuple[str, str]:
    """Publisher and name of `publisher.name`; raises `InvalidInput` for anything else."""
    found = ID.fullmatch(plugin_id)
    if found is None or max(map(len, found.groups())) > 40:
        raise InvalidInput(
            f'"{plugin_id}" is not an id of a plugin.',
            code="create.bad_id",
            place="PUBLISHER.NAME",
            next_step="Use small letters, digits and single dashes, at most 40 on each side of one dot: acme.hello.",
        )
    publisher, name = found.groups()
    return publisher, name


def _tell(root: Path, plugin_id: str, target: str) -> None:
    ticked(f"{plugin_id} is in {root}")
    say()
    say(f"  cd {root}")
    say("  rising-bsm validate")
    say(f'  rising-bsm call . "{target}"')
    say("  rising-bsm build")
