"""Blobs in a folder or in S3: a name is the SHA-256 of the bytes, so what has a name never changes."""

import hashlib
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Self

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from rising_bsm.bundle import BundleLimits
from rising_bsm.marketplace.blobs.errors import BlobDamaged, BlobsUnusable, BlobTooLarge, NoBlob, OtherDigest

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import RetryConfig

_log = structlog.get_logger("rising_bsm.marketplace")

LARGEST_BYTES = BundleLimits().bundle_bytes + 64 * 1024
"""A bundle, and what encrypting it adds."""
_WHOLE = (0, None)
_CHUNK_BYTES = 256 * 1024
_IN_MEMORY_BYTES = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PATIENCE: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


@dataclass(frozen=True)
class Blob:
    """What is stored: SHA-256 in hex, size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class OpenBlob:
    """Some of a blob: the bytes from `start` to before `end`, as `chunks`, of `size` in all."""

    size: int
    start: int
    end: int
    chunks: AsyncIterator[bytes] = field(repr=False)


class Blobs:
    """The blobs in a folder, which is made when it is missing, or below `s3://bucket/prefix`.

    Who asks S3, and where that is, say the variables that all its clients know: `AWS_ACCESS_KEY_ID` and the like.
    Nothing is opened before the first use. Every method raises BlobsUnusable when the disk or the bucket fails.
    """

    def __init__(self, place: str) -> None:
        self._place = place

    @classmethod
    def at(cls, place: str) -> Self:
        """Those at this place."""
        return cls(place)

    @cached_property
    def _store(self) -> ObjectStore:
        with _working(self._place):
            if self._place.startswith("s3://"):
                return S3Store.from_url(self._place, retry_config=_PATIENCE)
            Path(self._place).mkdir(mode=0o700, parents=True, exist_ok=True)
            return LocalStore(self._place)

    async def put(self, data: bytes | AsyncIterable[bytes], *, expected: str | None = None) -> Blob:
        """Keeps the bytes, whole or not at all; once more where they are already, so that damage is repaired.

        Raises BlobTooLarge beyond LARGEST_BYTES, and OtherDigest unless they have the `expected` one.
        """
        with SpooledTemporaryFile(_IN_MEMORY_BYTES) as spool:
            blob = await _collect(data, spool)
            if expected not in (None, blob.sha256):
                raise OtherDigest("The bytes do not have the digest that was named.", place=expected)
            spool.seek(0)
            try:
                with _working(blob.sha256):
                    await obstore.put_async(self._store, _path(blob.sha256), spool)
            except NoBlob as error:  # there is no bucket
                raise _unusable() from error
        if await self.size(blob.sha256) != blob.size:
            raise _damaged(blob.sha256)
        return blob

    async def size(self, sha256: str) -> int | None:
        """How many bytes the blob has; None if there is none."""
        try:
            with _working(sha256):
                return int((await obstore.head_async(self._store, _path(sha256)))["size"])
        except NoBlob:
            return None

    async def open(self, sha256: str, start: int = 0, end: int | None = None) -> OpenBlob:
        """The bytes of the blob from `start` to before `end`, or to where it ends. Raises NoBlob.

        Nothing is read beyond what is taken; `start` is within the blob.
        """
        some: GetOptions = {"range": {"offset": start} if end is None else (start, end)}
        options = None if (start, end) == _WHOLE else some
        with _working(sha256):
            found = await obstore.get_async(self._store, _path(sha256), options=options)
        first, last = found.range
        return OpenBlob(found.meta["size"], first, last, _chunks(found, sha256))

    async def read(self, sha256: str) -> bytes:
        """All of the blob, checked. Raises NoBlob, BlobDamaged."""
        opened = await self.open(sha256)
        data = b"".join([chunk async for chunk in opened.chunks])
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _damaged(sha256)
        return data

    async def delete(self, sha256: str) -> None:
        """Removes the blob, if there is one."""
        try:
            with _working(sha256):
                await obstore.delete_async(self._store, _path(sha256))
        except NoBlob:
            pass


async def _collect(data: bytes | AsyncIterable[bytes], spool: IO[bytes]) -> Blob:
    digest, size = hashlib.sha256(), 0
    async for chunk in _pieces(data):
        size += len(chunk)
        if size > LARGEST_BYTES:
            raise BlobTooLarge(f"More than {LARGEST_BYTES:,} bytes are not kept.")
        digest.update(chunk)
        spool.write(chunk)
    return Blob(digest.hexdigest(), size)


async def _pieces(data: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    async for chunk in data:
        yield chunk


async def _chunks(found: "GetResult", sha256: str) -> AsyncIterator[bytes]:
    with _working(sha256):
        async for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
            yield bytes(chunk)


def _path(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise _none(sha256)
    return f"{sha256[:2]}/{sha256}"


@contextmanager
def _working(place: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise _none(place) from None
    except (BaseError, OSError) as error:
        # What the store says is for the log: it names buckets, addresses and requests.
        _log.error("blobs unusable", place=place, reason=str(error))
        raise _unusable() from error


def _unusable() -> BlobsUnusable:
    return BlobsUnusable(
        "The place where the marketplace keeps its bundles cannot be used.",
        next_step="See that RISING_BSM_BLOBS names a folder with room or a bucket that answers.",
    )


def _none(sha256: str) -> NoBlob:
    return NoBlob("There is no blob with this digest.", place=sha256[:64])


def _damaged(sha256: str) -> BlobDamaged:
    return BlobDamaged(
        "A blob is not what it was when it was stored.",
        place=sha256,
        next_step="Store the same bytes again, and find out who can write where they are kept.",
    )
