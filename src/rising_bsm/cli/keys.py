"""`rising-bsm keys`: private keys to sign with, and public keys that are trusted."""

from pathlib import Path
from typing import Annotated

import typer

from rising_bsm.cli.options import Json, Token
from rising_bsm.cli.terminal import as_json, columns, note, say, ticked

keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keys to sign with, and keys to trust.")


@keys.command()
def generate(
    name: Annotated[str, typer.Argument(metavar="PUBLISHER", help="Whose key it is; the key is called the same.")],
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Protect it with a passphrase (asked, or RISING_BSM_PASSPHRASE).")
    ] = False,
    json: Json = False,
) -> None:
    """Make a private key that never leaves this machine.

    \b
    Examples:
      rising-bsm keys generate acme
      rising-bsm keys generate acme --passphrase
    """
    from rising_bsm.cli.keyring import keyring, new_passphrase

    ring = keyring()
    key = ring.generate(name, new_passphrase() if passphrase else None).public_key
    if json:
        say(as_json({"name": name, "public_key": str(key), "key_id": key.key_id, "file": str(ring.path_of(name))}))
        return
    ticked(f"The private key is in {ring.path_of(name)}. Keep a copy where nobody else can read it.")
    say(f"Whoever is to trust it needs this line:\n\n  {name} {key}\n")


@keys.command("list")
def list_keys(json: Json = False) -> None:
    """Show your own keys and those that are trusted on this machine.

    \b
    Examples:
      rising-bsm keys list
      rising-bsm keys list --json
    """
    from rising_bsm.cli.keyring import keyring

    ring = keyring()
    own = [{"name": name, "public_key": str(key), "key_id": key.key_id} for name, key in ring.own().items()]
    trusted = [
        {"publisher": key.publisher, "public_key": str(key.public_key), "key_id": key.public_key.key_id}
        for key in ring.trusted()
    ]
    if json:
        say(as_json({"own": own, "trusted": trusted}))
        return
    for title, rows in (("Your keys", own), ("Trusted here", trusted)):
        say(title, bold=True)
        for line in columns(tuple(row.values())[:2] for row in rows) if rows else ["none"]:
            say(f"  {line}")


@keys.command()
def trust(
    publisher: Annotated[str, typer.Argument(metavar="PUBLISHER", help="Whose bundles the key is good for.")],
    public_key: Annotated[str, typer.Argument(metavar="PUBLIC_KEY", help="The key, or a file that holds it.")],
    url: Annotated[
        str | None, typer.Option("--url", help="Trust it on this instance (default: for `verify` on this machine).")
    ] = None,
    token: Token = None,
) -> None:
    """Trust a publisher's key, here or on an instance.

    Here it counts for `verify`; on the instance that --url names it counts for installing.

    \b
    Examples:
      rising-bsm keys trust acme rbsm-ed25519:AbC...
      rising-bsm keys trust acme acme.pub --url https://bsm.example.com
    """
    from rising_bsm.bundle.keys import PublicKey, TrustedKey
    from rising_bsm.cli.ids import checked_publisher
    from rising_bsm.cli.instance import open_instance
    from rising_bsm.cli.keyring import keyring

    key = TrustedKey(checked_publisher(publisher), PublicKey.parse(_text_of(public_key)))
    if url is None:
        keyring().trust(key)
        ticked(f"Bundles of {publisher} may be signed with {key.public_key} from now on, on this machine.")
        return
    with open_instance(url, token) as instance:
        instance.post("/api/trusted-keys", {"publisher": publisher, "public_key": str(key.public_key)})
    ticked(f"{url} installs bundles of {publisher} that are signed with {key.public_key}.")


def _text_of(public_key: str) -> str:
    path = Path(public_key)
    if public_key.startswith("rbsm-") or not path.is_file():
        return public_key
    note(f"The key is read from {path}.")
    return path.read_text("utf-8", "replace").strip()[:1_000]
