"""docs/reference/http.md: the routes of the application, and what they say of themselves."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from tools.docs.markdown import table

from rising_bsm.accounts.permissions import PERMISSIONS, Role
from rising_bsm.marketplace import MARKETPLACE
from rising_bsm.web.app import create_app
from rising_bsm.web.gate import OF_PLUGINS, PUBLIC
from rising_bsm.web.requests import BODY_BYTES, JSON_DEPTH
from rising_bsm.web.settings import Settings

ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEAD = f"""\
# The HTTP interface

JSON in, JSON out. `GET /api/openapi.json` describes it for programs, the fields of each body included.

**Who you are.** A program sends an access token: `Authorization: Bearer rbsm_...`. A browser has the session cookie
that `POST /api/session` sets; what changes something then also needs the header `X-CSRF-Token`, with the `csrf_token`
of that answer or of `GET /api/me`. With a token sent, cookies are not looked at. A token makes and revokes no tokens.

**What goes wrong** is answered with a status and this body; absent parts are left out ([all codes](errors.md)):

```json
{{"code": "customers.invalid", "message": "...", "place": "phone", "next_step": "...", "fields": {{"phone": "..."}}}}
```

**Changing what somebody else may have changed.** The answer to a customer, an appointment or a service request has an
`ETag`. Send it back as `If-Match`, and the change is made only while it is still that one.

**What belongs together.** A customer with appointments cannot be deleted. A service request lets go of a customer or an
appointment that is. Notes go with what they are on. Nobody has two appointments at one time, unless `allow_overlap` is
sent as true with the second; cancelled ones take no time. A time is ISO 8601 with an offset, between 1971 and 2199.

**Limits.** A body has at most {BODY_BYTES // 1024} KiB, unless its route takes bundles, and JSON is nested at most
{JSON_DEPTH} deep. Somebody who is not signed in has 600 requests a minute, 5 failures to sign in per e-mail address,
and 30 in all. Visitors send 5 service requests a minute per address, and 60 all together, and 60 requests a minute
from one address to the public routes of one plugin. What is too much gets 429 and a `Retry-After`.
"""


def page() -> str:
    """The page, in Markdown."""
    return "\n".join([HEAD, *_chapters(), _pages(), _permissions()])


def application() -> Litestar:
    """The application as it is put together with default settings."""
    # The folder is gone afterwards: all that is read here are the routes.
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(data_dir=Path(folder)))


def routes() -> list[tuple[str, HTTPRouteHandler]]:
    """Every path with each handler that answers there, by path and method."""
    found = []
    for route in application().routes:
        if isinstance(route, HTTPRoute):
            own = [handler for handler in route.route_handlers if handler.http_methods != {"OPTIONS"}]
            # What system plugins answer is described by themselves.
            found += [(route.path_format, handler) for handler in own if handler.opt.get(OF_PLUGINS) is not MARKETPLACE]
    # A handler with several addresses is put at them in no order.
    return sorted(found, key=lambda one: (one[0], _place(one[1])))


def methods(handler: HTTPRouteHandler) -> list[str]:
    """What a handler answers to, in the usual order."""
    return sorted({str(method) for method in handler.http_methods} - {"HEAD", "OPTIONS"}, key=ORDER.index)


def _place(handler: HTTPRouteHandler) -> int:
    return ORDER.index(methods(handler)[0])


def _chapters() -> Iterator[str]:
    chapters: dict[str, list[tuple[str, ...]]] = {}
    for path, handler in routes():
        for tag in _tags(handler):
            chapters.setdefault(tag, []).append(_row(path, handler))
    for tag, rows in chapters.items():
        yield f"## {tag}\n\n{table(('request', 'for', 'answer', 'what it does'), rows)}"


def _tags(handler: HTTPRouteHandler) -> list[str]:
    return sorted(handler.resolve_tags() or [])


def _row(path: str, handler: HTTPRouteHandler) -> tuple[str, ...]:
    asked = f"`{', '.join(methods(handler))} {path}`"
    return asked, _who(handler), str(handler.status_code), _doc(handler)


def _who(handler: HTTPRouteHandler) -> str:
    return "everybody" if PUBLIC in handler.opt else "signed in"


def _doc(handler: Any) -> str:
    return " ".join((handler.fn.__doc__ or "").split())


def _pages() -> str:
    rows = [
        (f"`{', '.join(methods(handler))} {path}`", _who(handler), _doc(handler) or "This interface, for programs.")
        for path, handler in routes()
        if not _tags(handler)
    ]
    return f"## Pages and files\n\n{table(('request', 'for', 'what it does'), rows)}"


def _permissions() -> str:
    rows = [
        (f"`{code}`", sentence, *("yes" if code in role.permissions else "" for role in Role))
        for code, sentence in PERMISSIONS.items()
    ]
    return f"## Permissions\n\n{table(('permission', 'what it allows', *Role), rows)}"
