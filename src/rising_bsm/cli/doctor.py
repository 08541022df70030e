"""`rising-bsm doctor`: whether everything that is needed is here, and how well the sandbox is locked up."""

from typing import TYPE_CHECKING

import typer

from rising_bsm.cli.options import Json
from rising_bsm.cli.terminal import as_json, plural, progress, say, visible

if TYPE_CHECKING:
    from rising_bsm.cli.health import Check

MARKS = {"ok": ("✓", "green"), "weak": ("!", "yellow"), "missing": ("✗", "red")}


def doctor(json: Json = False) -> None:
    """Look at this installation: Python, sandbox, jail, database. Status 1 if something needed is missing.

    \b
    Examples:
      rising-bsm doctor
      rising-bsm doctor --json
    """
    from rising_bsm.cli.health import examine

    with progress("Looking around"):
        checks = examine()
    missing = sum(check.state == "missing" for check in checks)
    if json:
        say(as_json({"healthy": not missing, "checks": [check.as_dict() for check in checks]}))
    else:
        _show(checks, missing)
    if missing:
        raise typer.Exit(1)


def _show(checks: "list[Check]", missing: int) -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark, colour = MARKS[check.state]
        say(f"{typer.style(mark, fg=colour)} {check.name.ljust(width)}  {visible(check.detail)}")
        if check.next_step:
            say(f"  {' ' * width}  next: {visible(check.next_step)}")
    say()
    say(f"{plural(missing, 'thing')} missing" if missing else "Everything needed is here.")
