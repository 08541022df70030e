"""`rising-bsm create`: a new plugin."""

from pathlib import Path
from typing import Annotated

import typer

from rising_bsm.cli.ids import parse_id
from rising_bsm.cli.scaffold import KINDS, NewPlugin, known_kind, scaffold, write
from rising_bsm.cli.terminal import ask, say, ticked


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


def _tell(root: Path, plugin_id: str, target: str) -> None:
    ticked(f"{plugin_id} is in {root}")
    say()
    say(f"  cd {root}")
    say("  rising-bsm validate")
    say(f'  rising-bsm call . "{target}"')
    say("  rising-bsm build")
