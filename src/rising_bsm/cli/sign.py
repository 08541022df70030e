"""`rising-bsm sign`: put the author's signature on a bundle."""

from pathlib import Path
from typing import Annotated

import typer

from rising_bsm.cli.options import BundleFile, Json
from rising_bsm.cli.terminal import as_json, say, ticked, visible

Key = Annotated[
    str | None, typer.Option("--key", help="A key of `rising-bsm keys`, or a .pem file (default: the publisher's).")
]


def sign(
    bundle: BundleFile,
    key: Key = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it here (default: in place).")] = None,
    json: Json = False,
) -> None:
    """Sign a bundle with the private key of its publisher.

    \b
    Examples:
      rising-bsm sign acme.hello-0.1.0.rbsm
      rising-bsm sign acme.hello-0.1.0.rbsm --key ~/keys/acme.pem --output signed.rbsm
    """
    from rising_bsm.cli.files import read_bundle_file, write_whole

    target = output or bundle
    signed, name, key_id = sign_with(read_bundle_file(bundle), key)
    write_whole(target, signed)
    if json:
        say(as_json({"file": str(target), "id": name, "key_id": key_id}))
    else:
        ticked(f"{name} is signed with the key {key_id[:16]}… in {visible(str(target))}")


def sign_with(data: bytes, key: str | None) -> tuple[bytes, str, str]:
    """The signed bundle, the plugin's id and the id of the key: that called `key`, or that of the publisher."""
    from rising_bsm.bundle.signing import sign as signed
    from rising_bsm.bundle.verify import open_unsigned
    from rising_bsm.cli.keyring import keyring

    manifest = open_unsigned(data).manifest
    signing_key = keyring().signing_key(key or manifest.publisher)
    return signed(data, signing_key), manifest.id, signing_key.public_key.key_id
