"""The author's and administrator's own folder: private keys, keys that are trusted here, tokens of instances.

Everything is in one folder of mode 0700, `RISING_BSM_CONFIG` or the user's configuration directory.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from rising_bsm.bundle.keys import PublicKey, SigningKey, TrustedKey
from rising_bsm.cli.files import write_whole
from rising_bsm.cli.ids import checked_publisher
from rising_bsm.cli.terminal import ask_hidden
from rising_bsm.errors import Error, NotFound

_VARIABLE = "RISING_BSM_PASSPHRASE"


class KeyringDamaged(Error):
    """A file of the keyring cannot be read; `place` is the file."""

    code = "keyring.damaged"


@dataclass(frozen=True)
class Keyring:
    """The keyring in `folder`, which is made when something is first kept in it."""

    folder: Path

    def generate(self, name: str, passphrase: str | None) -> SigningKey:
        """A new private key called `name`; raises `InvalidKey` (`key.exists`) rather than write over one."""
        key = SigningKey.generate()
        path = self.path_of(checked_publisher(name))
        self._make()
        key.to_file(path, passphrase)
        _write_private(path.with_suffix(".pub"), f"{key.public_key}\n")
        return key

    def own(self) -> Mapping[str, PublicKey]:
        """The public halves of the private keys here, by name."""
        return {path.stem: _public_key_in(path) for path in sorted((self.folder / "keys").glob("*.pub"))}

    def path_of(self, name: str) -> Path:
        """Where the private key called `name` is, or would be."""
        return self.folder / "keys" / f"{name}.pem"

    def signing_key(self, name: str) -> SigningKey:
        """The private key called `name`, or in the file `name`; asks for its passphrase if it has one."""
        path = Path(name) if name.endswith(".pem") else self.path_of(checked_publisher(name))
        if not path.is_file():
            raise NotFound(
                f'There is no private key "{name}".',
                code="keyring.no_such_key",
                place=str(path),
                next_step=f"Make one with `rising-bsm keys generate {name}`, or name another with --key.",
            )
        return SigningKey.from_file(path, passphrase_for(path))

    def trust(self, key: TrustedKey) -> None:
        """From now on `key` is good for bundles of its publisher."""
        known = {(kept.publisher, str(kept.public_key)) for kept in self.trusted()}
        rows = sorted(known | {(checked_publisher(key.publisher), str(key.public_key))})
        self._make()
        _write_private(self._trusted_file, json.dumps([list(row) for row in rows], indent=2))

    def trusted(self) -> list[TrustedKey]:
        """The keys that somebody said to trust here."""
        rows = _json_in(self._trusted_file, [])
        try:
            return [TrustedKey(publisher, PublicKey.parse(text)) for publisher, text in rows]
        except (TypeError, ValueError, Error) as error:
            raise _damaged(self._trusted_file) from error

    def good_keys(self) -> list[TrustedKey]:
        """The trusted keys, and one's own: each for the publisher it is named after."""
        return [*self.trusted(), *(TrustedKey(name, key) for name, key in self.own().items())]

    def keep_token(self, url: str, token: str) -> None:
        """Remember the token for the instance at `url`."""
        self._make()
        _write_private(self._tokens_file, json.dumps({**_json_in(self._tokens_file, {}), url: token}, indent=2))

    def token_of(self, url: str) -> str | None:
        """The token for the instance at `url`, if one is kept."""
        tokens = _json_in(self._tokens_file, {})
        if not isinstance(tokens, dict):
            raise _damaged(self._tokens_file)
        return tokens.get(url)

    def _make(self) -> None:
        for folder in (self.folder, self.folder / "keys"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    @property
    def _trusted_file(self) -> Path:
        return self.folder / "trusted.json"

    @property
    def _tokens_file(self) -> Path:
        return self.folder / "tokens.json"


def keyring() -> Keyring:
    """The keyring of whoever runs this."""
    given = os.environ.get("RISING_BSM_CONFIG")
    return Keyring(Path(given) if given else user_config_path("rising-bsm", appauthor=False))


def new_passphrase() -> str:
    """A passphrase to protect a new key with, typed twice or from the environment."""
    return os.environ.get(_VARIABLE) or ask_hidden("Passphrase", option=_VARIABLE, twice=True)


def passphrase_for(path: Path) -> str | None:
    """The passphrase of a key file, asked for or from the environment; None where it has none."""
    if b"ENCRYPTED" not in path.read_bytes()[:100]:
        return None
    return os.environ.get(_VARIABLE) or ask_hidden(f"Passphrase of {path.name}", option=_VARIABLE)


def _write_private(path: Path, text: str) -> None:
    write_whole(path, text.encode(), mode=0o600)


def _json_in(path: Path, otherwise: Any) -> Any:
    if not path.exists():
        return otherwise
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise _damaged(path) from error


def _public_key_in(path: Path) -> PublicKey:
    try:
        return PublicKey.parse(path.read_text("utf-8", "replace"))
    except Error as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> KeyringDamaged:
    return KeyringDamaged("This file of the keyring cannot be read.", place=str(path), next_step="Mend or remove it.")
