"""`rising-bsm index`: the root keys of this machine's marketplace."""

from pathlib import Path
from typing import Annotated

import typer

from rising_bsm.cli.options import Json
from rising_bsm.cli.terminal import as_json, note, say, ticked

index = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Root keys of this machine's marketplace.")

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the keys are to be, such as a removable disk.")]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Where the instance's data are (default: RISING_BSM_DATA, or the user's)."
    ),
]


@index.command("export-root")
def export_root(
    folder: Folder,
    keep: Annotated[bool, typer.Option("--keep", help="Leave them in the instance too: a backup.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Move the root keys of the index out of the instance, protected with a passphrase.

    Without them new keys for other roles, and the new root of each year, wait until they are brought back.

    \b
    Examples:
      rising-bsm index export-root /media/safe
      rising-bsm index export-root /media/safe --keep
    """
    from rising_bsm.bundle import SigningKey
    from rising_bsm.cli.keyring import new_passphrase
    from rising_bsm.cli.market_keys import forget_root_keys, root_keys

    keys = root_keys(data)
    passphrase = new_passphrase() if keys else ""
    files = {folder / f"root-{key.public_key.key_id[:8]}.pem": key for key in keys}
    for path, key in files.items():
        key.to_file(path, passphrase)
    # Read again before they are forgotten here: nobody could make them anew.
    written = [SigningKey.from_file(path, passphrase) for path in files]
    if not keep:
        forget_root_keys(data, written)
    if json:
        say(as_json({"files": [str(path) for path in files], "kept": keep}))
        return
    for path in files:
        ticked(f"{path} is written.")
    if not files:
        note("No root key is in this instance.")
    elif not keep:
        say("They are in the instance no more. Keep two copies in two places.")


@index.command("import-root")
def import_root(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files that `export-root` wrote.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Bring root keys back into the instance, so that it can sign a new root.

    \b
    Examples:
      rising-bsm index import-root /media/safe/root-1f2e3d4c.pem /media/safe/root-5a6b7c8d.pem
    """
    from rising_bsm.bundle import SigningKey
    from rising_bsm.cli.keyring import passphrase_for
    from rising_bsm.cli.market_keys import bring_root_keys_back

    keys = [SigningKey.from_file(path, passphrase_for(path) if path.is_file() else None) for path in files]
    bring_root_keys_back(data, keys)
    if json:
        say(as_json({"keys": [key.public_key.key_id for key in keys]}))
        return
    ticked(f"{len(keys)} root keys are in the instance again. Move them out when the new root is signed.")
