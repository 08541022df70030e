"""`rising-bsm validate`: everything that can be said about a plugin before somebody else runs it."""

from collections import Counter
from typing import TYPE_CHECKING

import typer

from rising_bsm.cli.options import HERE, Json, ProjectFolder
from rising_bsm.cli.terminal import as_json, plural, say, visible

if TYPE_CHECKING:
    from rising_bsm.cli.validators.finding import Finding

COLOURS = {"error": "red", "warning": "yellow", "ok": "green"}
MARKS = {"error": "✗", "warning": "!", "ok": "✓"}


def validate(path: ProjectFolder = HERE, json: Json = False) -> None:
    """Check a plugin: its folder, then its class in the sandbox.

    \b
    Examples:
      rising-bsm validate
      rising-bsm validate plugins/hello --json
    """
    import asyncio

    from rising_bsm.cli.validators.everything import check

    findings = asyncio.run(check(path))
    wrong = any(finding.severity == "error" for finding in findings)
    if json:
        say(as_json({"valid": not wrong, "findings": [finding.as_dict() for finding in findings]}))
    else:
        _show(findings)
    if wrong:
        raise typer.Exit(1)


def _show(findings: "list[Finding]") -> None:
    for finding in findings:
        code = "" if finding.severity == "ok" else f"  [{finding.code}]"
        mark = typer.style(MARKS[finding.severity], fg=COLOURS[finding.severity])
        say(f"{mark} {visible(finding.message)}{code}")
        for name, text in (("at", finding.place), ("fix", finding.fix)):
            if text:
                say(f"  {name}: {visible(text)}")
    counts = Counter(finding.severity for finding in findings)
    say()
    say(f"{plural(counts['error'], 'error')}, {plural(counts['warning'], 'warning')}")
