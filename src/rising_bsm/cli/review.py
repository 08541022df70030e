"""Commands for whoever reviews what is submitted to a marketplace, and for publishers to follow it."""

from typing import Annotated, Any

import typer

from rising_bsm.cli.office import MARKET, SUBMISSION, show_rows, show_submission
from rising_bsm.cli.options import LOCAL_URL, Json, Token, Url
from rising_bsm.cli.terminal import as_json, say, ticked, visible

submissions = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What was submitted to a marketplace, and what becomes of it."
)
Id = Annotated[str, typer.Argument(metavar="SUBMISSION", help="The submission's id, as `submissions list` shows it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the publisher reads it.")]


@submissions.command("list")
def list_submissions(
    state: Annotated[str | None, typer.Option("--state", help="Those in this state, such as in_review.")] = None,
    plugin: Annotated[str | None, typer.Option("--plugin", help="Those of this plugin.")] = None,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """List submissions, the newest first: one's own, or all for the operator.

    \b
    Examples:
      rising-bsm submissions list
      rising-bsm submissions list --state in_review --json
    """
    from urllib.parse import urlencode

    from rising_bsm.cli.instance import open_instance

    asked = urlencode({name: value for name, value in (("state", state), ("plugin", plugin)) if value})
    with open_instance(url, token) as instance:
        found = instance.get(f"{MARKET}/submissions?{asked}", has=["items"])["items"]
    shown = ("id", "plugin_id", "version", "channel", "state", "errors", "warnings")
    show_rows(found, shown, nothing="Nothing is submitted.", json=json)


@submissions.command()
def show(submission: Id, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Show a submission: findings, place in the queue, decisions.

    \b
    Examples:
      rising-bsm submissions show 0198c0de-0000-7000-8000-000000000000
    """
    found = _get(submission, "", url, token, SUBMISSION)
    if json:
        say(as_json(found))
    else:
        show_submission(found)


@submissions.command()
def diff(submission: Id, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Show what is different from the version that was released last: permissions, network, manifest, every file.

    \b
    Examples:
      rising-bsm submissions diff 0198c0de-0000-7000-8000-000000000000
    """
    told = _get(submission, "/diff", url, token, ("from", "to", "files"))
    if json:
        say(as_json(told))
        return
    say(f"{visible(told['plugin_id'])} {visible(str(told['from'] or 'nothing'))} → {visible(told['to'])}", bold=True)
    for what in ("permissions", "network"):
        for sign, colour, part in (("+", "red", "added"), ("-", "green", "removed"), ("~", "yellow", "reworded")):
            for name, reason in told[what][part].items():
                say(f"{sign} {what} {visible(name)}: {visible(reason)}", colour=colour)
    for name, values in told["manifest"].items():
        say(f"~ {visible(name)}: {visible(str(values['from']))} → {visible(str(values['to']))}")
    for entry in told["files"]:
        _show_file(entry)


@submissions.command()
def approve(submission: Id, reason: Reason, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Approve a submission: it becomes a version that its publisher can release.

    \b
    Examples:
      rising-bsm submissions approve 0198c0de-0000-7000-8000-000000000000 --reason "Read all of it."
    """
    _decide(submission, "approve", reason, url, token, json=json)


@submissions.command()
def reject(submission: Id, reason: Reason, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Reject a submission.

    \b
    Examples:
      rising-bsm submissions reject 0198c0de-0000-7000-8000-000000000000 --reason "It copies acme.loyalty."
    """
    _decide(submission, "reject", reason, url, token, json=json)


@submissions.command("request-changes")
def request_changes(
    submission: Id, reason: Reason, url: Url = LOCAL_URL, token: Token = None, json: Json = False
) -> None:
    """Ask the publisher to change something and submit the version again.

    \b
    Examples:
      rising-bsm submissions request-changes 0198c0de-0000-7000-8000-000000000000 --reason "Say why it needs users."
    """
    _decide(submission, "request_changes", reason, url, token, json=json)


@submissions.command()
def send(submission: Id, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Submit a draft of one's own.

    \b
    Examples:
      rising-bsm submissions send 0198c0de-0000-7000-8000-000000000000
    """
    _post(submission, "submit", None, url, token, json=json)


@submissions.command()
def withdraw(submission: Id, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Withdraw a submission of one's own.

    \b
    Examples:
      rising-bsm submissions withdraw 0198c0de-0000-7000-8000-000000000000
    """
    _post(submission, "withdraw", None, url, token, json=json)


def _decide(submission: str, decision: str, reason: str, url: str, token: str | None, *, json: bool) -> None:
    _post(submission, "decision", {"decision": decision, "reason": reason}, url, token, json=json)


def _post(submission: str, verb: str, body: Any, url: str, token: str | None, *, json: bool) -> None:
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        done = instance.post(f"{MARKET}/submissions/{_checked(submission)}/{verb}", body, has=SUBMISSION)
    if json:
        say(as_json(done))
    else:
        state = str(done["state"]).replace("_", " ")
        ticked(f"{visible(done['plugin_id'])} {visible(done['version'])}: {visible(state)}")


def _get(submission: str, part: str, url: str, token: str | None, has: tuple[str, ...]) -> Any:
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        return instance.get(f"{MARKET}/submissions/{_checked(submission)}{part}", has=has)


def _checked(submission: str) -> str:
    from uuid import UUID

    from rising_bsm.errors import InvalidInput

    try:
        return str(UUID(submission))
    except ValueError:
        raise InvalidInput(
            f'"{submission}" is not an id of a submission.',
            code="cli.bad_submission",
            place="SUBMISSION",
            next_step="See `rising-bsm submissions list`.",
        ) from None


def _show_file(entry: Any) -> None:
    sizes = f"{entry['size_before'] or 0} → {entry['size'] or 0} bytes"
    say(f"{visible(entry['status'])} {visible(entry['path'])} ({sizes})")
    if entry["diff"] is None:
        say("  (not compared line by line: no text, or too much of it)")
        return
    for line in entry["diff"].split("\n"):
        colour = "green" if line.startswith("+") else "red" if line.startswith("-") else None
        say(f"  {visible(line)}", colour=colour)
