"""Keys to bundles that are paid for, at rest: sealed with the secret of the instance, each for its one version."""

import base64

from rising_bsm.runtime import Cipher


def seal_content_key(cipher: Cipher, plugin_id: str, version: str, key: bytes) -> str:
    """The key as `MarketVersion.content_key` keeps it."""
    return cipher.seal(plugin_id, _name(version), base64.b64encode(key).decode())


def open_content_key(cipher: Cipher, plugin_id: str, version: str, sealed: str) -> bytes:
    """What was sealed for this version; raises SecretUnreadable."""
    return base64.b64decode(cipher.open(plugin_id, _name(version), sealed))


def _name(version: str) -> str:
    return f"content key of {version}"
