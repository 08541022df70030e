"""`rising-bsm verify`: check a bundle as an instance does before it installs one."""

from typing import TYPE_CHECKING, Annotated

import typer

from rising_bsm.cli.options import BundleFile, Json
from rising_bsm.cli.terminal import as_json, plural, say, ticked
from rising_bsm.errors import Error

if TYPE_CHECKING:
    from rising_bsm.bundle.keys import TrustedKey
    from rising_bsm.bundle.verify import VerifiedBundle


def verify(
    bundle: BundleFile,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="PUBLIC_KEY", help="Trust this key and no other."),
    ] = None,
    json: Json = False,
) -> None:
    """Check the signature and every file of a bundle, step by step.

    \b
    Examples:
      rising-bsm verify acme.hello-0.1.0.rbsm
      rising-bsm verify acme.hello-0.1.0.rbsm --key rbsm-ed25519:AbC... --json
    """
    from rising_bsm.bundle.verify import open_bundle
    from rising_bsm.cli.files import read_bundle_file
    from rising_bsm.cli.steps import STEPS, failed_step

    data = read_bundle_file(bundle)
    keys = _keys(data, key)
    try:
        verified = open_bundle(data, keys)
    except Error as error:
        if not json:
            _tell(failed_step(data, error))
        raise
    if json:
        say(as_json(_as_dict(verified)))
        return
    _tell(len(STEPS) + 1)
    say()
    say(f"{verified.manifest.id} {verified.manifest.version}, {plural(len(verified.files), 'file')}")
    say(f"key     {verified.key_id}")
    say(f"sha256  {verified.digest}")


def _keys(data: bytes, key: str | None) -> "list[TrustedKey]":
    from rising_bsm.bundle.keys import PublicKey, TrustedKey
    from rising_bsm.cli.keyring import keyring

    if key is None:
        return keyring().good_keys()
    return [TrustedKey(_said_publisher(data), PublicKey.parse(key))]


def _said_publisher(data: bytes) -> str:
    """Whose plugin the signature says this is; nobody's where the bundle is too broken to say, as steps will show."""
    from rising_bsm.bundle.archive import unpack_files
    from rising_bsm.bundle.envelope import parse_envelope
    from rising_bsm.bundle.framing import read_frame
    from rising_bsm.bundle.layout import AUTHOR_SIGNATURE
    from rising_bsm.bundle.limits import DEFAULT_LIMITS
    from rising_bsm.bundle.statement import parse_statement

    try:
        frame = read_frame(data, DEFAULT_LIMITS)
        envelope = parse_envelope(unpack_files(frame, frame.signatures)[AUTHOR_SIGNATURE])
        return parse_statement(envelope.payload).predicate.publisher
    except (Error, KeyError):
        return ""


def _tell(failed: int) -> None:
    from rising_bsm.cli.steps import STEPS

    for number, sentence in enumerate(STEPS, 1):
        if number < failed:
            ticked(f"({number}) {sentence}")
        elif number == failed:
            say(f"✗ ({number}) {sentence}", colour="red")


def _as_dict(verified: "VerifiedBundle") -> dict[str, object]:
    return {
        "verified": True,
        "id": verified.manifest.id,
        "version": verified.manifest.version,
        "key_id": verified.key_id,
        "sha256": verified.digest,
        "files": len(verified.files),
    }
