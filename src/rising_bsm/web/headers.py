"""What every answer says to the browser, whatever it is about."""

from collections.abc import Awaitable, Callable

from litestar.types import Message, Scope

from rising_bsm.web.errors import request_id

_CONTENT = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_ALWAYS = (
    (b"content-security-policy", _CONTENT.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HTTPS = ((b"strict-transport-security", b"max-age=31536000"),)
_PRIVATE = (b"cache-control", b"no-store")


def header_writer(https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """The hook that adds the headers of every answer to its start.

    An answer is kept by no cache unless it says itself that it may be.
    """
    fixed = _ALWAYS + (_HTTPS if https else ())

    async def write(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = [*message["headers"], *fixed, (b"x-request-id", request_id(scope).encode())]
        if not any(name.lower() == _PRIVATE[0] for name, _ in headers):
            headers.append(_PRIVATE)
        message["headers"] = headers

    return write
