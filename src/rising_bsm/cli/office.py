"""What the commands for publishers and operators of a marketplace have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from rising_bsm.cli.terminal import as_json, columns, note, say, ticked, visible

MARKET = "/api/ext/rising-bsm.marketplace"
SUBMISSION = ("id", "plugin_id", "version", "state")
MARKS = {"error": ("✗", "red"), "warning": ("!", "yellow"), "ok": ("✓", "green")}


def show_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """What a scan has found, except what is fine."""
    for finding in findings:
        mark, colour = MARKS.get(str(finding.get("severity")), ("?", "yellow"))
        if finding.get("severity") == "ok":
            continue
        say(f"{mark} {visible(str(finding.get('message')))}  [{visible(str(finding.get('code')))}]", colour=colour)
        for name, text in (("at", finding.get("place")), ("fix", finding.get("remedy"))):
            if text:
                say(f"  {name}: {visible(str(text))}")


def show_submission(submission: Mapping[str, Any]) -> None:
    """One submission: where it is, what was found, what was decided."""
    say(
        f"{visible(submission['plugin_id'])} {visible(submission['version'])}  {visible(submission['state'])}",
        bold=True,
    )
    say(f"  submission {visible(submission['id'])}, channel {visible(str(submission.get('channel')))}")
    if submission.get("position"):
        say(f"  {submission['position']}. in the queue")
    show_findings(submission.get("findings", []))
    for decision in submission.get("decisions", []):
        own = " (their own: there was nobody else)" if decision.get("own") else ""
        say(f"  {visible(str(decision['decision']))} by {visible(str(decision['by']))}{own}")
        say(f"    because: {visible(str(decision['reason']))}")


def show_rows(rows: Sequence[Mapping[str, Any]], names: Sequence[str], *, nothing: str, json: bool) -> None:
    """Some of the parts of each row, in columns."""
    if json:
        say(as_json(rows))
    elif rows:
        for line in columns(
            [str(row.get(name) if row.get(name) is not None else "") for name in names] for row in rows
        ):
            say(line)
    else:
        note(nothing)


def change_version(
    plugin: str, version: str, verb: str, done: str, body: Any, at: tuple[str, str | None, bool]
) -> None:
    """Asks the marketplace to change a version, and tells that it has."""
    from urllib.parse import quote

    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance

    parse_id(plugin)
    url, token, json = at
    with open_instance(url, token) as instance:
        path = f"{MARKET}/versions/{plugin}/{quote(version, safe='')}/{verb}"
        changed = instance.post(path, body, has=["version", "status"])
    if json:
        say(as_json(changed))
    else:
        ticked(f"{plugin} {visible(changed['version'])} {done}")
