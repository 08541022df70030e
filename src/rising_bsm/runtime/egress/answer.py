"""What came back, as far as a plugin is given it."""

import base64
import re
import zlib
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from typing import Any

from rising_bsm.bundle.urls import Target
from rising_bsm.runtime.egress.errors import AnswerTooLarge, FetchFailed

_TEXT = re.compile(r"text/.*|application/(json|xml|javascript|x-www-form-urlencoded|.*\+(json|xml))")
_CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1", "windows-1252": "cp1252"}
_KEPT_BACK = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding"),
        *("upgrade", "content-encoding", "content-length", "set-cookie", "set-cookie2", "alt-svc"),
    }
)


@dataclass(frozen=True)
class Fetched:
    """An answer; names of `headers` are in lower case, `body` is decoded, `target` is what answered in the end."""

    status: int
    headers: dict[str, str]
    body: bytes
    target: Target

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON: `body` is a text, or base64 where `base64` says so."""
        text = self._text()
        body = base64.b64encode(self.body).decode() if text is None else text
        about = {"status": self.status, "url": self.target.url, "headers": self.headers}
        return about | {"body": body, "base64": text is None}

    def _text(self) -> str | None:
        kind, _, options = self.headers.get("content-type", "").lower().partition(";")
        if not _TEXT.fullmatch(kind.strip()):
            return None if self.body else ""
        named = re.search(r"charset=\"?([a-z0-9_-]+)", options)
        try:
            return self.body.decode(_CHARSETS[named[1] if named else "utf-8"])
        except (KeyError, UnicodeDecodeError):
            return None


def plain_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers that are about the answer; those that are there several times are joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_text in pairs:
        name, text = raw_name.decode("latin-1").lower(), raw_text.decode("latin-1").strip()
        if name not in _KEPT_BACK and text.isprintable():
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


async def decoded(target: Target, encoding: str, parts: AsyncIterable[bytes], most: int) -> bytes:
    """The body without its encoding; raises AnswerTooLarge when it has over `most` bytes then, FetchFailed.

    Never more than that is unpacked, however small it came.
    """
    unpack = _unpacker(target, encoding)
    body = bytearray()
    received = 0
    async for part in parts:
        received += len(part)
        if unpack is None:
            body += part
        else:
            body += _unpacked(target, unpack, part, most + 1 - len(body))
        if max(received, len(body)) > most:
            raise AnswerTooLarge(
                f"{target.host} answered with more than {most:,} bytes.",
                place=target.host,
                next_step="Ask it for less at once.",
            )
    if unpack is not None and received and not unpack.eof:
        raise _broken(target)
    return bytes(body)


def _unpacker(target: Target, encoding: str) -> Any:
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    raise FetchFailed(
        f"{target.host} answered in the encoding {encoding[:40]!r}, which was not asked for.",
        place=target.host,
        next_step="Ask it for the plain content.",
    )


def _unpacked(target: Target, unpack: Any, part: bytes, most: int) -> bytes:
    try:
        unpacked: bytes = unpack.decompress(part, most)
    except zlib.error as error:
        raise _broken(target) from error
    return unpacked


def _broken(target: Target) -> FetchFailed:
    return FetchFailed(
        f"{target.host} sent a body that cannot be unpacked.", place=target.host, next_step="Try again later."
    )
