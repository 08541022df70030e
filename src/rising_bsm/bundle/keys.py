"""Ed25519 keys: private ones in files that only their owner can read, public ones that were checked."""

import base64
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey  # type: ignore[attr-defined] # public, but not marked so

from rising_bsm.bundle.curve import check_point
from rising_bsm.bundle.errors import InvalidKey

TEXT_PREFIX = "rbsm-ed25519:"
_NEW_KEY = "Make a key with `rising-bsm keys generate`."
_HOW_TO_OPEN = "Give the passphrase that the key was written with, or none for a key without."
_LARGEST_PEM = 65_536


@dataclass(frozen=True)
class PublicKey:
    """The 32 bytes of an Ed25519 public key that may be registered; `InvalidKey` for any other bytes."""

    raw: bytes

    def __post_init__(self) -> None:
        check_point(self.raw)

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """The key in the text form `rbsm-ed25519:<base64>`, which has exactly one spelling."""
        encoded = text.strip().removeprefix(TEXT_PREFIX)
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise _bad_text(text) from error
        key = cls(raw)
        if str(key) != text.strip():
            raise _bad_text(text)
        return key

    @property
    def key_id(self) -> str:
        """The SHA-256 of the raw key, in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def verifier(self) -> SSlibKey:
        """The key as the signature library wants it."""
        return SSlibKey(self.key_id, "ed25519", "ed25519", {"public": self.raw.hex()})

    def __str__(self) -> str:
        return TEXT_PREFIX + base64.b64encode(self.raw).decode()


@dataclass(frozen=True)
class TrustedKey:
    """A public key that may sign the bundles of one publisher, and of no other."""

    publisher: str
    public_key: PublicKey


class SigningKey:
    """An author's private key; it leaves the process only into a file of mode 0600."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.public_key = PublicKey(private_key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_raw(cls, raw: bytes) -> "SigningKey":
        """The key that `to_raw` gave; raises ValueError for anything but 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    def to_raw(self) -> bytes:
        """The 32 bytes of the private key; only to be stored encrypted."""
        return self._private_key.private_bytes_raw()

    @classmethod
    def from_file(cls, path: Path, passphrase: str | None = None) -> "SigningKey":
        """The key in a PEM file (PKCS 8) that nobody but its owner can read; `InvalidKey` otherwise."""
        try:
            key = serialization.load_pem_private_key(_read_private(path), passphrase.encode() if passphrase else None)
        except TypeError as error:  # a passphrase for a key without one, or none for a key with one
            raise _refused("key.passphrase", f"{str(error).rstrip('.')}.", path, _HOW_TO_OPEN) from error
        except (ValueError, UnsupportedAlgorithm) as error:
            sentence = "The file is not a private key in PEM (PKCS 8), or the passphrase is wrong."
            raise _refused("key.unreadable", sentence, path, _HOW_TO_OPEN) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _refused("key.wrong_kind", "The private key is not an Ed25519 key.", path, _NEW_KEY)
        return cls(key)

    def to_file(self, path: Path, passphrase: str | None = None) -> None:
        """Write the key into a new file of mode 0600; `InvalidKey` when the file is there already."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            encryption = serialization.BestAvailableEncryption(passphrase.encode())
        pem = self._private_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            sentence = "There is a file already; a private key is never written over."
            raise _refused("key.exists", sentence, path, "Choose another file name.") from error
        except OSError as error:
            sentence = f"The file cannot be written: {error.strerror}."
            raise _refused("key.not_written", sentence, path, "Choose a folder that is there and yours.") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)

    @property
    def signer(self) -> CryptoSigner:
        """The key as the signature library wants it."""
        return CryptoSigner(self._private_key, self.public_key.verifier)


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            pem = file.read(_LARGEST_PEM)
    except OSError as error:
        raise _refused("key.not_found", f"The file cannot be read: {error.strerror}.", path, _NEW_KEY) from error
    # Windows has no such mode bits; there the folder's access list protects the file.
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        sentence = "Others than the owner may read or write this private key."
        raise _refused("key.readable_by_others", sentence, path, f"Run `chmod 600 {path}`, or make a new key.")
    return pem


def _refused(code: str, message: str, path: Path, next_step: str) -> InvalidKey:
    return InvalidKey(message, code=code, place=str(path), next_step=next_step)


def _bad_text(text: str) -> InvalidKey:
    return InvalidKey(
        f"A public key is written {TEXT_PREFIX} and 44 characters of base64.",
        code="key.text",
        place=f"public key {text[:80]!r}",
        next_step="Copy the whole line that `rising-bsm keys list` prints.",
    )
