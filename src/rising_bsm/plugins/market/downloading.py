"""Downloads that go on where they were interrupted, and are looked at as they arrive."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from rising_bsm.errors import Error
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.index import BlobCheck, Listed
from rising_bsm.plugins.market.transport import MarketUnreachable
from rising_bsm.plugins.store import StoreUnusable

_ATTEMPTS = 3
_SECONDS = 600.0
_KEPT_SECONDS = 24 * 3_600
_WRITTEN_BYTES = 256 * 1024
"""So much may be lost by being killed, and is downloaded again."""
Arrived = Callable[[int, int], None]
"""Is told how many bytes there are, and how many there will be."""


class Downloads:
    """Half and whole downloads, in files named by the SHA-256 that they must have; the folder is this program's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def fetch(self, market: MarketClient, listed: Listed, arrived: Arrived) -> bytes:
        """What the index lists, continued from what is here of it.

        Raises WrongLength, WrongBytes, MarketUnreachable when it breaks off three times, MarketRefused, StoreUnusable.
        """
        for attempt in range(_ATTEMPTS):
            try:
                async with asyncio.timeout(_SECONDS):
                    return await self._fetch(market, listed, arrived)
            except TimeoutError:
                raise MarketUnreachable(
                    f"{listed.plugin} {listed.version} has not arrived within {_SECONDS:g} s.",
                    next_step="Try again: what is here already is not downloaded once more.",
                ) from None
            except MarketUnreachable:
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def forget(self, sha256: str) -> None:
        """Removes what is here of this download."""
        self._path(sha256).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Removes downloads that nobody has gone on with for a day."""
        for path in self._folder.glob("*.part"):
            if time.time() - path.stat().st_mtime > _KEPT_SECONDS:
                path.unlink(missing_ok=True)

    async def _fetch(self, market: MarketClient, listed: Listed, arrived: Arrived) -> bytes:
        check = BlobCheck(listed)
        found = bytearray(await asyncio.to_thread(_read, self._path(listed.blob_sha256), listed.blob_size))
        check.feed(bytes(found))
        arrived(check.size, listed.blob_size)
        if check.size < listed.blob_size:
            await self._go_on(market, listed, check, found, arrived)
        try:
            check.finish()
        except Error:
            # What is wrong in it would be wrong again.
            await asyncio.to_thread(self.forget, listed.blob_sha256)
            raise
        return bytes(found)

    async def _go_on(
        self, market: MarketClient, listed: Listed, check: BlobCheck, found: bytearray, arrived: Arrived
    ) -> None:
        """Adds to `found`, and to the file, what is missing of both."""
        path, kept = self._path(listed.blob_sha256), len(found)
        try:
            async with aclosing(market.blob(listed.blob_sha256, start=kept)) as chunks:
                async for chunk in chunks:
                    check.feed(chunk)
                    found += chunk
                    if len(found) - kept >= _WRITTEN_BYTES:
                        await asyncio.to_thread(_append, path, bytes(found[kept:]))
                        kept = len(found)
                    arrived(check.size, listed.blob_size)
        finally:
            await asyncio.to_thread(_append, path, bytes(found[kept:]))

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"


def _read(path: Path, most: int) -> bytes:
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unusable(path, error) from error
    return found if len(found) <= most else _begun_anew(path)


def _begun_anew(path: Path) -> bytes:
    path.unlink(missing_ok=True)
    return b""


def _append(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(data)
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StoreUnusable:
    return StoreUnusable(
        f"The folder for downloads cannot be used: {error.strerror}.",
        place=str(path.parent),
        next_step="See that the disk is not full, and that the user who runs this instance owns the folder.",
    )
