"""Icons and screenshots of a marketplace, fetched here: nobody's browser asks a stranger for them."""

import hashlib
import re
from contextlib import aclosing
from dataclasses import dataclass

from rising_bsm.accounts import Actor
from rising_bsm.errors import NotFound
from rising_bsm.plugins.market.client import MarketClient

PICTURE_BYTES = 1_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KINDS = {
    re.compile(rb"\x89PNG\r\n\x1a\n"): "image/png",
    re.compile(rb"RIFF....WEBP", re.DOTALL): "image/webp",
    re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml|<!--|<svg)"): "image/svg+xml",
}


class NoPicture(NotFound):
    """The marketplace has no picture with this digest."""

    code = "market.no_picture"

    def __init__(self) -> None:
        super().__init__("The marketplace has no such picture.", place="picture")


@dataclass(frozen=True)
class Picture:
    """A picture and its media type, which is that of its first bytes."""

    kind: str
    data: bytes


class Pictures:
    """The pictures of a marketplace."""

    def __init__(self, market: MarketClient) -> None:
        self._market = market

    async def get(self, actor: Actor, sha256: str) -> Picture:
        """The picture with this digest, PNG, WebP or SVG, of PICTURE_BYTES at most.

        Raises PermissionDenied, NoPicture, MarketRefused and MarketUnreachable.
        """
        actor.require("plugins.manage")
        if not _SHA256.fullmatch(sha256):
            raise NoPicture
        data = await self._fetch(sha256)
        kind = next((kind for start, kind in _KINDS.items() if start.match(data)), None)
        if kind is None or hashlib.sha256(data).hexdigest() != sha256:
            raise NoPicture
        return Picture(kind, data)

    async def _fetch(self, sha256: str) -> bytes:
        found = bytearray()
        async with aclosing(self._market.blob(sha256)) as chunks:
            async for chunk in chunks:
                found += chunk
                if len(found) > PICTURE_BYTES:
                    raise NoPicture
        return bytes(found)
