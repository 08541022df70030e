"""What every answer says to the browser, whatever it is about."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from litestar.types import Message, Scope

from rising_bsm.web.errors import request_id
from rising_bsm.web.plugin_ui.cage import origin_of

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""A browser may do nothing with the answer but show it."""

_PAGE = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src {frames}; frame-ancestors 'none'"
)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HTTPS = ((b"strict-transport-security", b"max-age=31536000"),)
_PRIVATE = (b"cache-control", b"no-store")
_CONTENT = b"content-security-policy"


def header_writer(https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """The hook that adds the headers of every answer to its start.

    What the answer says itself stands. An answer is kept by no cache unless it says that it may be. A browser may do
    nothing with it but show it, unless it is a page of ours (`nonce_of`).
    """
    fixed = _ALWAYS + (_HTTPS if https else ())

    async def write(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        said = {name.lower() for name, _ in message["headers"]}
        added = (*fixed, _PRIVATE, (_CONTENT, _content(scope).encode()), (b"x-request-id", request_id(scope).encode()))
        message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in said)]

    return write


def nonce_of(scope: Scope) -> str:
    """What the scripts of the page that answers this request carry; asking for it says that a page does."""
    state: dict[str, Any] = scope["state"]
    return str(state.setdefault("nonce", secrets.token_urlsafe(16)))


def _content(scope: Scope) -> str:
    nonce = scope["state"].get("nonce")
    if not nonce:
        return NOTHING
    origin = origin_of(scope)
    # Frames lead nowhere but to files of plugins: not even to our own pages, and least of all elsewhere.
    return _PAGE.format(nonce=nonce, frames=f"{origin}/plugin-ui/" if origin else "'none'")
