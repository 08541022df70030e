"""Bundles and pictures over HTTP: what has a name never changes, so it may be kept for ever."""

from collections.abc import AsyncIterator

from rising_bsm.errors import InvalidInput
from rising_bsm.marketplace.blobs.errors import NoBlob
from rising_bsm.marketplace.blobs.ranges import Unsatisfiable, chosen, names, still_holds
from rising_bsm.marketplace.blobs.store import Blobs, OpenBlob
from rising_bsm.marketplace.catalogue.service import BlobKind, Catalogue
from rising_bsm.runtime.system import SystemAnswer, SystemRequest, route

FOR_EVER = "public, max-age=31536000, immutable"
_BYTES = "application/octet-stream"
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}


class BlobRoutes:
    """Handing out what the catalogue says may be had."""

    def __init__(self, catalogue: Catalogue, blobs: Blobs) -> None:
        self._catalogue = catalogue
        self._blobs = blobs

    @route("GET", "/blobs/{sha256}", public=True)
    async def read_blob(self, request: SystemRequest) -> SystemAnswer:
        """The bytes with this SHA-256, or a range of them. Raises NoBlob."""
        sha256 = request.params["sha256"]
        kind = await self._catalogue.kind_of(sha256)
        size = await self._blobs.size(sha256) if kind else None
        if kind is None or size is None:
            raise NoBlob("There is no blob with this digest to be had.", place=sha256[:64])
        headers = {"etag": f'"{sha256}"', "cache-control": FOR_EVER, "accept-ranges": "bytes"}
        if names(request.headers.get("if-none-match"), sha256):
            return SystemAnswer(b"", 304, headers, _BYTES)
        asked = request.headers.get("range") if still_holds(request.headers.get("if-range"), sha256) else None
        try:
            part = chosen(asked, size)
        except Unsatisfiable:
            return _unsatisfiable(size, headers)
        return await self._answer(sha256, kind, part, headers)

    async def _answer(
        self, sha256: str, kind: BlobKind, part: tuple[int, int] | None, headers: dict[str, str]
    ) -> SystemAnswer:
        opened = await self._blobs.open(sha256, *(part or ()))
        content_type, chunks = _BYTES, opened.chunks
        if kind == BlobKind.PICTURE:
            content_type, chunks = await _picture(opened)
        elif opened.start == 0:
            await self._catalogue.count_download(sha256)
        length = {"content-length": str(opened.end - opened.start)}
        if part is None:
            return SystemAnswer(chunks, 200, headers | length, content_type)
        span = {"content-range": f"bytes {opened.start}-{opened.end - 1}/{opened.size}"}
        return SystemAnswer(chunks, 206, headers | length | span, content_type)


async def _picture(opened: OpenBlob) -> tuple[str, AsyncIterator[bytes]]:
    """Its type, which is that of its first bytes, and all its bytes; an icon that is none of the others is SVG."""
    first = await anext(opened.chunks, b"")
    found = (kind for start, kind in _PICTURES.items() if first.startswith(start))
    kind = next(found, "image/svg+xml") if opened.start == 0 else _BYTES
    return kind, _with(first, opened.chunks)


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _unsatisfiable(size: int, headers: dict[str, str]) -> SystemAnswer:
    error = InvalidInput(
        f"The range is not within the {size:,} bytes that there are.",
        code="blobs.range",
        place="Range",
        next_step="Ask for bytes that there are, or for all of them.",
    )
    kept = {name: value for name, value in headers.items() if name != "cache-control"}
    return SystemAnswer(error.as_dict(), 416, kept | {"content-range": f"bytes */{size}"})
