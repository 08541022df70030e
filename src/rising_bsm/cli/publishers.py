"""Commands for publishers of a marketplace: who they are, and which keys are theirs."""

from typing import Annotated

import typer

from rising_bsm.cli.office import MARKET, show_rows
from rising_bsm.cli.options import LOCAL_URL, Json, Token, Url
from rising_bsm.cli.terminal import as_json, ask, say, ticked, visible

publishers = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Publishers of a marketplace.")
keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The keys that may sign a publisher's bundles.")
publishers.add_typer(keys, name="keys")
KeyId = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as `publishers keys list` shows it.")]
Name = Annotated[str, typer.Argument(metavar="PUBLISHER", help="The publisher, such as acme.")]


@publishers.command()
def create(
    name: Name,
    display_name: Annotated[str | None, typer.Option("--display-name", help="As people read it.")] = None,
    email: Annotated[
        str | None, typer.Option("--email", help="Where the operator reaches you (default: asked).")
    ] = None,
    website: Annotated[str, typer.Option("--website", help="An https address.")] = "",
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Make a publisher, which you own then.

    \b
    Examples:
      rising-bsm publishers create acme --email author@acme.example
      rising-bsm publishers create acme --display-name "Acme Ltd" --email a@acme.example --website https://acme.example
    """
    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.instance import open_instance

    draft = {"name": checked_publisher(name), "display_name": display_name or name.title(), "website": website}
    with open_instance(url, token) as instance:
        draft["email"] = email or ask("E-mail", default="", option="--email")
        made = instance.post(f"{MARKET}/publishers", draft, has=["name"])
    if json:
        say(as_json(made))
    else:
        ticked(f"{visible(made['name'])} is a publisher on {visible(url)}. Next: rising-bsm publishers keys add {name}")


@publishers.command("list")
def list_publishers(url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """List your own publishers.

    \b
    Examples:
      rising-bsm publishers list
    """
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        found = instance.get(f"{MARKET}/publishers/mine", has=["items"])["items"]
    show_rows(found, ("name", "display_name", "email"), nothing="You have no publisher.", json=json)


@publishers.command()
def verify(name: Name, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Say that you know who a publisher is; for the operator of the marketplace.

    \b
    Examples:
      rising-bsm publishers verify acme
    """
    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        done = instance.post(f"{MARKET}/publishers/{checked_publisher(name)}/verify", {}, has=["name", "verified"])
    if json:
        say(as_json(done))
    else:
        ticked(f"{visible(done['name'])} is verified")


@publishers.command()
def dashboard(name: Name, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Show how a publisher's plugins do: installs alive, versions in use, crash-free rate, downloads.

    \b
    Examples:
      rising-bsm publishers dashboard acme
      rising-bsm publishers dashboard acme --json
    """
    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        told = instance.get(f"{MARKET}/publishers/{checked_publisher(name)}/dashboard", has=["plugins", "submissions"])
    if json:
        say(as_json(told))
        return
    for plugin in told["plugins"]:
        say(visible(plugin["plugin_id"]), bold=True)
        used = ", ".join(f"{version}: {count}" for version, count in plugin["versions"].items())
        crash_free = "unknown" if plugin["crash_free"] is None else f"{plugin['crash_free']:.1%}"
        say(f"  {plugin['installs']} installs ({visible(used) or 'none'}), {plugin['downloads']} downloads")
        say(f"  crash-free: {crash_free}, rating: {plugin['rating'] or 'none'}")
    shown = ("id", "plugin_id", "version", "state", "errors", "warnings")
    show_rows(told["submissions"], shown, nothing="Nothing is submitted.", json=False)


@keys.command()
def add(
    name: Name,
    key: Annotated[
        str | None, typer.Option("--key", help="A key of `rising-bsm keys`, or a .pem file (default: the publisher's).")
    ] = None,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Register a key of yours for a publisher of yours. The private half stays here; it only signs that it is yours.

    \b
    Examples:
      rising-bsm publishers keys add acme
      rising-bsm publishers keys add acme --key laptop
    """
    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.instance import open_instance
    from rising_bsm.cli.keyring import keyring
    from rising_bsm.marketplace.publishing.proof import prove

    checked_publisher(name)
    with open_instance(url, token) as instance:
        signing = keyring().signing_key(key or name)
        draft = {"public_key": str(signing.public_key), "proof": prove(name, signing)}
        made = instance.post(f"{MARKET}/publishers/{name}/keys", draft, has=["key_id"])
    if json:
        say(as_json(made))
    else:
        ticked(f"Bundles of {name} may be signed with the key {visible(made['key_id'][:16])}… on {visible(url)}")


@keys.command("prove")
def prove_key(
    name: Name,
    key: Annotated[
        str | None, typer.Option("--key", help="A key of `rising-bsm keys`, or a .pem file (default: the publisher's).")
    ] = None,
) -> None:
    """Print what registers a key of yours, to be pasted into the page of the publisher. Nothing is sent.

    \b
    Examples:
      rising-bsm publishers keys prove acme
      rising-bsm publishers keys prove acme --key laptop
    """
    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.keyring import keyring
    from rising_bsm.marketplace.publishing.proof import prove

    signing = keyring().signing_key(key or checked_publisher(name))
    say(as_json({"public_key": str(signing.public_key), "proof": prove(name, signing)}))


@keys.command("list")
def list_keys(name: Name, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """List every key that ever was a publisher's; for its owner and the operator of the marketplace.

    \b
    Examples:
      rising-bsm publishers keys list acme
    """
    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        found = instance.get(f"{MARKET}/publishers/{checked_publisher(name)}/keys", has=["items"])["items"]
    show_rows(found, ("key_id", "added_at", "revoked_at", "reason"), nothing="There is no key.", json=json)


@keys.command()
def revoke(
    name: Name,
    key: KeyId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; whoever has a version reads this.")],
    compromised: Annotated[
        bool,
        typer.Option("--compromised/--put-away", help="Somebody else may have it; with --put-away nobody has."),
    ],
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Revoke a key for good: nothing more is taken that it has signed. For its owner and the operator.

    With --put-away the versions that it has signed stay what they are. With --compromised each of them is revoked too,
    and whoever runs one is told to stop.

    \b
    Examples:
      rising-bsm publishers keys revoke acme 9f86d081… --put-away --reason "The laptop is replaced."
      rising-bsm publishers keys revoke acme 9f86d081… --compromised --reason "The laptop was stolen."
    """
    from urllib.parse import quote

    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        path = f"{MARKET}/publishers/{checked_publisher(name)}/keys/{quote(key, safe='')}/revoke"
        done = instance.post(path, {"reason": reason, "compromised": compromised}, has=["versions", "submissions"])
    if json:
        say(as_json(done))
        return
    ticked(f"The key {visible(done['key_id'][:16])}… of {name} is revoked")
    for version in done["versions"]:
        say(f"  {visible(version)} is revoked with it")
    for submission in done["submissions"]:
        say(f"  submission {visible(submission)} is withdrawn")
