"""`rising-bsm validate`: everything that can be said about a plugin before somebody else runs it."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from rising_bsm.cli.options import HERE, Json, ProjectFolder
from rising_bsm.cli.terminal import as_json, plural, progress, say, visible

if TYPE_CHECKING:
    from rising_bsm.analysis.finding import Finding

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

    from rising_bsm.analysis.everything import check_folder
    from rising_bsm.cli.author import sandbox, with_dependencies

    with progress("Looking at the plugin, and loading it in the sandbox"):
        findings = asyncio.run(check_folder(path, sandbox, with_dependencies))
    wrong = any(finding.severity == "error" for finding in findings)
    if json:
        say(as_json({"valid": not wrong, "findings": [finding.as_dict() for finding in findings]}))
    else:
        show_findings(findings)
    if wrong:
        raise typer.Exit(1)


def show_findings(findings: "Sequence[Finding]") -> None:
    """The findings for people, and how many of them are wrong."""
    for finding in findings:
        code = "" if finding.severity == "ok" else f"  [{finding.code}]"
        mark = typer.style(MARKS[finding.severity], fg=COLOURS[finding.severity])
        say(f"{mark} {visible(finding.message)}{code}")
        for name, text in (("at", finding.place), ("fix", finding.remedy)):
            if text:
                say(f"  {name}: {visible(text)}")
    counts = Counter(finding.severity for finding in findings)
    say()
    say(f"{plural(counts['error'], 'error')}, {plural(counts['warning'], 'warning')}")
