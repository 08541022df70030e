"""A request as a plugin may make one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rising_bsm.bundle.network import Method
from rising_bsm.bundle.urls import Target

HEADER_BYTES = 8 * 1024
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
# Hop by hop (RFC 9110, 7.6.1), what the host says itself, what would carry a session, and what makes of an allowed
# method another one.
_OURS = frozenset(
    {
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect"),
        *("host", "content-length", "accept-encoding", "forwarded", "via", "cookie", "cookie2", "set-cookie"),
        *("http2-settings", "x-http-method", "x-http-method-override", "x-method-override"),
    }
)
_OURS_FROM = ("proxy-", "x-forwarded-", "sec-")
_NOBODYS = frozenset({"accept", "accept-language", "content-type", "user-agent"})
"""Headers that say nothing about who asks, and so may follow a redirect to another origin."""
_ABOUT_THE_BODY = frozenset({"content-type", "content-encoding", "content-language", "content-location"})


@dataclass(frozen=True)
class FetchRequest:
    """A request; names of `headers` are in lower case, as `checked_headers` gives them."""

    method: Method
    target: Target
    headers: Mapping[str, str]
    body: bytes

    def redirected(self, status: int, target: Target) -> "FetchRequest":
        """The request that follows an answer with this status (RFC 9110, 15.4) to this target."""
        headers = dict(self.headers)
        if target.origin != self.target.origin:
            headers = {name: text for name, text in headers.items() if name in _NOBODYS}
        if status in (307, 308) or self.method in ("GET", "HEAD"):
            return replace(self, target=target, headers=headers)
        headers = {name: text for name, text in headers.items() if name not in _ABOUT_THE_BODY}
        return FetchRequest("GET", target, headers, b"")


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with names in lower case; raises ValueError for what could say more than one header."""
    checked: dict[str, str] = {}
    for name, text in headers.items():
        lower = name.lower()
        if not _NAME.fullmatch(name):
            raise ValueError("A header's name must be letters, digits and dashes.")
        if lower in _OURS or lower.startswith(_OURS_FROM):
            raise ValueError(f"The header {lower} is the host's to send.")
        if lower in checked:
            raise ValueError(f"The header {lower} is there twice.")
        if not text.isascii() or not text.isprintable() or text != text.strip():
            raise ValueError(f"The header {lower} must be one line of ASCII characters, without spaces around it.")
        checked[lower] = text
    if sum(len(name) + len(text) for name, text in checked.items()) > HEADER_BYTES:
        raise ValueError(f"The headers must have at most {HEADER_BYTES:,} bytes.")
    return checked
