"""`rising-bsm validate`: everything that can be said about a plugin before somebody else runs it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rising_bsm.cli.options import HERE, Json
from rising_bsm.cli.terminal import as_json, plural, progress, say, visible

if TYPE_CHECKING:
    from rising_bsm.analysis.finding import Finding

Checked = Annotated[
    Path, typer.Argument(metavar="PATH", help="The folder with the plugin's pyproject.toml, or a bundle.")
]
COLOURS = {"error": "red", "warning": "yellow", "ok": "green"}
MARKS = {"error": "✗", "warning": "!", "ok": "✓"}


def validate(path: Checked = HERE, json: Json = False) -> None:
    """Check a plugin: its folder, then its class in the sandbox; or a bundle, as a marketplace that it is submitted to.

    \b
    Examples:
      rising-bsm validate
      rising-bsm validate plugins/hello --json
      rising-bsm validate acme.hello-0.1.0.rbsm
    """
    import asyncio

    with progress("Looking at the plugin, and loading it in the sandbox"):
        findings = asyncio.run(_bundle(path) if path.is_file() else _folder(path))
    wrong = any(finding.severity == "error" for finding in findings)
    if json:
        say(as_json({"valid": not wrong, "findings": [finding.as_dict() for finding in findings]}))
    else:
        show_findings(findings)
    if wrong:
        raise typer.Exit(1)


async def _folder(path: Path) -> "Sequence[Finding]":
    from rising_bsm.analysis.everything import check_folder
    from rising_bsm.cli.author import sandbox, with_dependencies

    return await check_folder(path, sandbox, with_dependencies)


async def _bundle(path: Path) -> "Sequence[Finding]":
    from rising_bsm.analysis.everything import ALONE
    from rising_bsm.analysis.scan import scan
    from rising_bsm.cli.author import sandbox
    from rising_bsm.cli.files import read_bundle_file

    data = read_bundle_file(path)
    async with sandbox() as pool:
        return await scan(pool, data, ALONE)


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
