"""Commands for publishers: bring a plugin to a marketplace, and say what becomes of its versions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rising_bsm.cli.office import MARKET, SUBMISSION, change_version, show_rows, show_submission
from rising_bsm.cli.options import HERE, LOCAL_URL, Json, Token, Url
from rising_bsm.cli.terminal import as_json, progress, say, ticked, visible

if TYPE_CHECKING:
    from rising_bsm.cli.client import Instance

LOOK_SECONDS = 1.0
WAITS_FOR_NOBODY = frozenset({"in_review", "approved", "changes_requested", "rejected", "withdrawn"})

versions = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The versions of a plugin on a marketplace.")
Bundle = Annotated[Path, typer.Argument(metavar="BUNDLE_OR_FOLDER", help="A signed bundle, or a plugin's folder.")]
Plugin = Annotated[str, typer.Argument(metavar="PUBLISHER.NAME", help="The plugin's id, such as acme.hello.")]
VersionOption = Annotated[str, typer.Option("--version", metavar="VERSION", help="Which version.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; whoever has it reads this.")]
Security = Annotated[bool, typer.Option("--security", help="It mends a weakness, so nobody should wait with it.")]


def publish(
    path: Bundle = HERE,
    channel: Annotated[str, typer.Option("--channel", help="stable or beta.")] = "stable",
    key: Annotated[str | None, typer.Option("--key", help="Sign a folder with this key.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Bring it, and submit it later.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for what the scan finds.")] = True,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Submit a plugin to a marketplace; a folder is built and signed first.

    It is scanned there, then somebody reviews it. Ends with status 1 when the scan finds something wrong.

    \b
    Examples:
      rising-bsm publish
      rising-bsm publish acme.hello-0.1.0.rbsm --channel beta
      rising-bsm publish plugins/hello --url https://market.example.com --no-wait
    """
    from urllib.parse import urlencode

    from rising_bsm.cli.instance import open_instance

    query = urlencode({"channel": channel, "draft": str(draft).lower()})
    with open_instance(url, token) as instance:
        data = _bundle_of(path, key)
        with progress("Sending the bundle"):
            made = instance.upload(f"{MARKET}/submissions?{query}", data, has=SUBMISSION)
        if wait and not draft:
            made = _followed(instance, made)
    if json:
        say(as_json(made))
    else:
        ticked(f"{visible(made['plugin_id'])} {visible(made['version'])} is submitted to {visible(url)}")
        show_submission(made)
    if made.get("errors"):
        raise typer.Exit(1)


@versions.command("list")
def list_versions(plugin: Plugin, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """List the versions of a plugin with their status; of one's own also those that are not released.

    \b
    Examples:
      rising-bsm versions list acme.hello
      rising-bsm versions list acme.hello --json --url https://market.example.com
    """
    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance

    parse_id(plugin)
    with open_instance(url, token) as instance:
        found = instance.get(f"{MARKET}/versions/{plugin}", has=["items"])["items"]
    show_rows(found, ("version", "channel", "status", "reason"), nothing="There is no version.", json=json)


def release(
    plugin: Plugin,
    version: VersionOption,
    security: Security = False,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Let an approved version be had from now on.

    \b
    Examples:
      rising-bsm release acme.hello --version 1.1.0
      rising-bsm release acme.hello --version 1.1.1 --security
    """
    change_version(plugin, version, "release", "is released", {"security": security}, (url, token, json))


def deprecate(
    plugin: Plugin,
    version: VersionOption,
    reason: Reason,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Advise against a version; it can still be had.

    \b
    Examples:
      rising-bsm deprecate acme.hello --version 1.0.0 --reason "1.1.0 is faster."
    """
    change_version(plugin, version, "deprecate", "is deprecated", {"reason": reason}, (url, token, json))


def suspend(
    plugin: Plugin,
    version: VersionOption,
    reason: Reason,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Keep a version from being had until somebody has looked; for the operator of the marketplace.

    \b
    Examples:
      rising-bsm suspend acme.hello --version 1.0.0 --reason "Said to leak; we look into it."
    """
    change_version(plugin, version, "suspend", "is suspended", {"reason": reason}, (url, token, json))


def revoke(
    plugin: Plugin,
    version: VersionOption,
    reason: Reason,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Take a version back for good: nobody gets it any more, and whoever runs it is told to stop.

    \b
    Examples:
      rising-bsm revoke acme.hello --version 1.0.0 --reason "It sends customers to strangers."
    """
    change_version(plugin, version, "revoke", "is revoked", {"reason": reason}, (url, token, json))


def _bundle_of(path: Path, key: str | None) -> bytes:
    from rising_bsm.cli.files import read_bundle_file

    if not path.is_dir():
        return read_bundle_file(path)
    import asyncio

    from rising_bsm.bundle.project import read_project
    from rising_bsm.cli.build import load_project
    from rising_bsm.cli.sign import sign_with

    return sign_with(asyncio.run(load_project(read_project(path))).pack(), key)[0]


def _followed(instance: "Instance", made: Any) -> Any:
    """The submission once nothing but a person is awaited."""
    import time

    with progress("The marketplace looks at it"):
        while made["state"] not in WAITS_FOR_NOBODY:
            time.sleep(LOOK_SECONDS)
            made = instance.get(f"{MARKET}/submissions/{made['id']}", has=SUBMISSION)
    return made
