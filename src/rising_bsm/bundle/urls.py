"""Addresses on the web, parsed once and strictly: what two parsers could read differently is no address here."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal
from urllib.parse import unquote_to_bytes

URL_CHARACTERS = 2_048
PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?", re.IGNORECASE)
# What RFC 3986 leaves out of URLs is what browsers, libraries and servers disagree about.
_NOT_IN_A_URL = re.compile(r"""[^!-~]|[\\"<>^`{|}]""")
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:(?P<port>[1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


@dataclass(frozen=True)
class Target:
    """Where a request goes: lower-case `host` (IPv6 without brackets), `path` that begins with / and leads nowhere
    but down, `query` with its question mark or empty."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str
    query: str = ""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header says them; the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The one spelling of this address."""
        return f"{self.scheme}://{self.authority}{self.path}{self.query}"

    @property
    def literal(self) -> IPv4Address | IPv6Address | None:
        """The address that the host is; None for a name."""
        return _address(self.host)

    def is_below(self, path: str) -> bool:
        """Whether the path is this one, or continues it by whole segments: /v10 is not below /v1."""
        return self.path == path or self.path.startswith(path if path.endswith("/") else f"{path}/")


def parse_url(text: str) -> Target:
    """The target that an absolute http or https URL names; raises ValueError with what it must be instead.

    Refused are user names, fragments, spaces, backslashes and whatever else RFC 3986 does not allow, hosts that are
    not ASCII, IPv4 in any form but four decimal numbers (RFC 6943, 3.1.1), and paths that lead upwards however encoded.
    """
    if len(text) > URL_CHARACTERS:
        raise ValueError(f"must be an address of at most {URL_CHARACTERS:,} characters")
    if _NOT_IN_A_URL.search(text):
        raise ValueError("must be an address in ASCII without spaces, backslashes and quotes; encode them as %XX")
    if "#" in text:
        raise ValueError("must be an address without #, which is never sent")
    parts = _URL.fullmatch(text)
    if parts is None:
        raise ValueError("must be an address such as https://api.example.com/v1/")
    scheme: Literal["http", "https"] = "https" if parts["scheme"].lower() == "https" else "http"
    host, port = _host_and_port(parts["authority"])
    return Target(scheme, host, port or PORTS[scheme], _path(parts["path"] or "/"), _escapes(parts["query"] or ""))


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise ValueError("must be an address without a user name or password before the host")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or int(parts["port"] or 1) > 65_535:
        raise ValueError(
            "must have a host of ASCII letters, digits, dots and dashes, and a port from 1 to 65535 if any"
        )
    return _host(parts["host"].lower()), int(parts["port"]) if parts["port"] else None


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise ValueError("must have an IPv6 address between its brackets") from None
    name = text.removesuffix(".")
    labels = name.split(".")
    # As browsers do (WHATWG URL, "ends in a number"): such a host is an IPv4 address, or nothing.
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(text))
        except AddressValueError:
            raise ValueError("must have an IPv4 address of four decimal numbers, or a name") from None
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("must have a host name such as api.example.com")
    return name


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        return None


def _path(text: str) -> str:
    path = _escapes(text)
    if any(map(_leads_elsewhere, path.split("/"))):
        raise ValueError(
            "must have a path without . and .. segments, and without encoded slashes and control characters"
        )
    return path


def _escapes(text: str) -> str:
    """The text with its escapes in one spelling: none where none is needed, capital letters in the others."""

    def spelled(escape: re.Match[str]) -> str:
        if escape[1] is None:
            raise ValueError("must have two hexadecimal digits behind each %")
        character = chr(int(escape[1], 16))
        return character if _UNRESERVED.fullmatch(character) else escape[0].upper()

    return _ESCAPE.sub(spelled, text)


def _leads_elsewhere(segment: str) -> bool:
    # A server may decode once more than others, and cut parameters off a segment (`..;x`).
    seen, decoded = b"", segment.encode()
    while decoded != seen:
        if decoded.split(b";")[0] in (b".", b"..") or any(byte < 0x20 or byte in b"/\\\x7f" for byte in decoded):
            return True
        seen, decoded = decoded, unquote_to_bytes(decoded)
    return False
