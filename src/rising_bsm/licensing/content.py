"""Bundles that are paid for: encrypted once per version, the key to them wrapped once per licence.

So a bundle stays one object that everybody's caches can hold. This says who is entitled, and keeps no secret: the
owner of a machine can read what runs on it.
"""

import base64
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rising_bsm.licensing.errors import BadContent, BadDocument

_MAGIC = b"RBSMENC1"
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: a random nonce of 96 bits
_KEY_BYTES = _POINT_BYTES = 32
_TAG_BYTES = 16
_WRAP = b"rising-bsm content key, 1"
_FIELD_PRIME = 2**255 - 19
# A key that was agreed on with a fresh key pair is used once, so its nonce needs no randomness (as in RFC 9180).
_ONLY_NONCE = bytes(_NONCE_BYTES)


def new_content_key() -> bytes:
    """A key for one version of one plugin: 32 random bytes."""
    return os.urandom(_KEY_BYTES)


def encrypt(data: bytes, key: bytes, *, plugin: str, version: str) -> bytes:
    """The bytes, readable with the key alone, and only as this version of this plugin."""
    nonce = os.urandom(_NONCE_BYTES)
    return _MAGIC + nonce + AESGCM(key).encrypt(nonce, data, _about(plugin, version))


def is_encrypted(blob: bytes) -> bool:
    """Whether the bytes look like what `encrypt` makes; a bundle in the clear does not."""
    return blob.startswith(_MAGIC)


def decrypt(blob: bytes, key: bytes, *, plugin: str, version: str) -> bytes:
    """What was encrypted as this version of this plugin; raises BadContent."""
    body = blob[len(_MAGIC) :]
    if not is_encrypted(blob) or len(body) < _NONCE_BYTES + _TAG_BYTES or len(key) != _KEY_BYTES:
        raise _unreadable(plugin, version)
    try:
        return AESGCM(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _about(plugin, version))
    except InvalidTag as error:
        raise _unreadable(plugin, version) from error


def wrap(content_key: bytes, wrap_key: str, *, licence: UUID | str, plugin: str, version: str) -> str:
    """The content key, for the holder of `wrap_key` under this licence, as text; BadDocument for a wrong `wrap_key`."""
    recipient = check_wrap_key(wrap_key)
    once = X25519PrivateKey.generate()
    sender = once.public_key().public_bytes_raw()
    about = _about(str(licence), plugin, version)
    sealed = _agreed(once, recipient, sender + recipient.public_bytes_raw(), about).encrypt(
        _ONLY_NONCE, content_key, about
    )
    return base64.b64encode(sender + sealed).decode()


def unwrap(text: str, private: X25519PrivateKey, *, licence: UUID | str, plugin: str, version: str) -> bytes:
    """The content key that was wrapped for this key pair, licence, plugin and version; raises BadContent."""
    about = _about(str(licence), plugin, version)
    mine = private.public_key().public_bytes_raw()
    try:
        data = base64.b64decode(text, validate=True)
        sender, sealed = data[:_POINT_BYTES], data[_POINT_BYTES:]
        aes = _agreed(private, X25519PublicKey.from_public_bytes(sender), sender + mine, about)
        return aes.decrypt(_ONLY_NONCE, sealed, about)
    except (ValueError, InvalidTag) as error:
        raise _unreadable(plugin, version) from error


def wrap_public(private: X25519PrivateKey) -> str:
    """The public half of a key that content keys are wrapped for, as text."""
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def check_wrap_key(text: str) -> X25519PublicKey:
    """The key in this text; BadDocument for another spelling, or a point that makes everybody's secret the same."""
    try:
        raw = base64.b64decode(text, validate=True)
        key = X25519PublicKey.from_public_bytes(raw)
        X25519PrivateKey.generate().exchange(key)  # refuses the points of small order
    except ValueError as error:
        raise _no_wrap_key() from error
    if base64.b64encode(raw).decode() != text or int.from_bytes(raw, "little") >= _FIELD_PRIME:
        raise _no_wrap_key()
    return key


def _agreed(mine: X25519PrivateKey, theirs: X25519PublicKey, both: bytes, about: bytes) -> AESGCM:
    secret = mine.exchange(theirs)
    return AESGCM(HKDF(SHA256(), _KEY_BYTES, salt=both, info=_WRAP + b"\n" + about).derive(secret))


def _about(*names: str) -> bytes:
    # None of them can hold a line break.
    return "\n".join(names).encode()


def _unreadable(plugin: str, version: str) -> BadContent:
    return BadContent(
        f"The bundle of {plugin} {version} does not open with this licence.",
        place=f"{plugin} {version}",
        next_step="Install it again; if it stays so, ask the marketplace whether the licence covers this version.",
    )


def _no_wrap_key() -> BadDocument:
    return BadDocument("The wrapping key is not an X25519 public key in base64.", place="wrap_key")
