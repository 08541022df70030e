"""Which handler of a plugin answers a request."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rising_bsm.bundle.manifest import RouteExport
from rising_bsm.runtime.errors import MethodNotAllowed, no_such_route

REQUEST_HEADERS = frozenset({"accept", "accept-language", "content-type", "if-none-match", "user-agent"})
"""What a plugin sees of a request's headers: nothing in them lets it act as the one who sent it."""

_NOT_FOR_PLUGINS = ("x-csrf-token", "x-forwarded-", "x-real-ip", "x-request-id")


@dataclass(frozen=True)
class RouteRequest:
    """A request to a plugin: the decoded `path` below its address.

    `body` is decoded JSON, a text, the fields of a form, or None; `content` the bytes of anything else, and of whatever
    a stranger sends: with the headers that are shown then, a plugin can check who signed it.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None
    content: bytes | None = None
    by_stranger: bool = False

    def for_guest(self, params: Mapping[str, str]) -> dict[str, Any]:
        """The request as the plugin gets it."""
        names = {name: name.lower() for name in self.headers if self._is_shown(name.lower())}
        asked = {
            "method": self.method,
            "path": self.path,
            "params": dict(params),
            "query": dict(self.query),
            "headers": {lower: self.headers[name] for name, lower in names.items()},
            "body": self.body,
        }
        return asked if self.content is None else asked | {"bytes": b64encode(self.content).decode()}

    def _is_shown(self, header: str) -> bool:
        own = header.startswith("x-") or header.endswith("-signature") or header.startswith("webhook-")
        return header in REQUEST_HEADERS or (self.by_stranger and own and not header.startswith(_NOT_FOR_PLUGINS))


class Routes:
    """The routes of one plugin. Where two fit, the one that spells out more from the left on is taken."""

    def __init__(self, plugin_id: str, routes: Iterable[RouteExport]) -> None:
        self._plugin_id = plugin_id
        self._patterns = sorted(map(_Pattern, routes), key=lambda pattern: pattern.open)

    def find(self, method: str, path: str) -> tuple[RouteExport, dict[str, str]]:
        """The route and the values of its parameters; raises NotFound (`plugin.no_such_route`), MethodNotAllowed."""
        segments = path.split("/")
        fitting = [pattern for pattern in self._patterns if pattern.fits(segments)]
        for pattern in fitting:
            if pattern.route.method == method:
                return pattern.route, pattern.params(segments)
        if fitting:
            raise MethodNotAllowed(self._plugin_id, method, path, {pattern.route.method for pattern in fitting})
        raise no_such_route(self._plugin_id, method, path)


class _Pattern:
    def __init__(self, route: RouteExport) -> None:
        self.route = route
        self._segments = route.path.split("/")
        self.open = [segment.startswith("{") for segment in self._segments]

    def fits(self, segments: list[str]) -> bool:
        return len(segments) == len(self._segments) and all(
            (given != "" if is_open else given == own)
            for own, given, is_open in zip(self._segments, segments, self.open, strict=True)
        )

    def params(self, segments: list[str]) -> dict[str, str]:
        pairs = zip(self._segments, segments, self.open, strict=True)
        return {own[1:-1]: given for own, given, is_open in pairs if is_open}
