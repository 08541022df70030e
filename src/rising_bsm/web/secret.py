"""The instance's own secret, made once and kept next to its data."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from rising_bsm.errors import Failed

_BYTES = 32
_WITHOUT = "a new one is made, open pages are loaded again, and secrets of plugins are entered again"


class SecretUnusable(Failed):
    """The file with the secret cannot be used as it is; `place` is the file."""

    code = "secret.unusable"


def instance_secret(data_dir: Path) -> bytes:
    """The 32 bytes in `data_dir/secret.key`, made on first use with access for the owner alone.

    Raises SecretUnusable when the file is damaged, or open to others on this machine.
    """
    path = data_dir / "secret.key"
    try:
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError as error:
        raise SecretUnusable(
            f"The secret of this instance cannot be kept: {error.strerror}.",
            place=str(path),
            next_step="Give the user that runs this instance a data folder of its own.",
        ) from error


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name) as file:
        file.write(secrets.token_hex(_BYTES).encode())
        file.flush()
        # Linked when it is whole: of two that start at once, both read the file of the first.
        with suppress(FileExistsError):
            os.link(file.name, path)


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise SecretUnusable(
            "Others on this machine can read or change the secret of this instance.",
            place=str(path),
            next_step=f"Make it private (chmod 600 {path}), or delete it: {_WITHOUT}.",
        )
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        raise SecretUnusable(
            "The secret of this instance is damaged.",
            place=str(path),
            next_step=f"Delete the file: {_WITHOUT}.",
        )
    return secret
