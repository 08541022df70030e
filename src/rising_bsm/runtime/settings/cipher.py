"""Secrets at rest: whoever reads the database alone learns nothing of them."""

import base64
import os
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rising_bsm.errors import Failed

_PURPOSE = b"rising-bsm secrets in settings of plugins, 1"
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: a random nonce of 96 bits


class SecretUnreadable(Failed):
    """What is stored was encrypted with another secret of the instance, or for another setting; `place` names it."""

    code = "settings.secret_unreadable"


class Cipher:
    """AES-256-GCM under a key that HKDF (RFC 5869) derives from the secret of the instance.

    What was sealed for one setting of one plugin opens for that setting alone.
    """

    def __init__(self, instance_secret: bytes) -> None:
        self._aes = AESGCM(HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(instance_secret))

    @classmethod
    def of_the_moment(cls) -> Self:
        """One with a secret that nobody keeps: what it sealed cannot be read by the next process."""
        return cls(os.urandom(32))

    def seal(self, plugin_id: str, name: str, text: str) -> str:
        """The text, unreadable, as text."""
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + self._aes.encrypt(nonce, text.encode(), _about(plugin_id, name))).decode()

    def open(self, plugin_id: str, name: str, sealed: str) -> str:
        """What was sealed for this setting; raises SecretUnreadable."""
        try:
            data = base64.b64decode(sealed, validate=True)
            return self._aes.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _about(plugin_id, name)).decode()
        except (InvalidTag, ValueError):
            raise SecretUnreadable(
                f"The secret {name} of {plugin_id} cannot be read any more.",
                place=name,
                next_step="An administrator must enter it again: the secret of this instance has changed since.",
            ) from None


def _about(plugin_id: str, name: str) -> bytes:
    # Neither can hold a line break.
    return f"{plugin_id}\n{name}".encode()
