"""System plugins: trusted parts of the program that answer like any plugin, in this process and without a sandbox.

They have a manifest, are asked through the same door for requests, and need the same permissions; they come with the
program, so nobody installs them or takes them away.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import Exports, Manifest, RouteExport
from rising_bsm.errors import InvalidInput, NotFound, NotSignedIn
from rising_bsm.runtime.answers import JSON
from rising_bsm.runtime.errors import MethodNotAllowed, PluginNotActive
from rising_bsm.runtime.routes import Routes
from rising_bsm.runtime.tracing import Span

_MARK = "__rising_bsm_route__"
Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True)
class SystemRequest:
    """A request to a system plugin; `path` is below its address, names of `headers` are in lower case.

    `actor` is None for somebody who is not signed in, whom only public routes get; `network` is where the request
    comes from, as attempts are counted by it.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    actor: Actor | None = None
    network: str = ""

    @property
    def person(self) -> Actor:
        """Who asks; for routes that are not public, where there is always somebody."""
        assert self.actor is not None
        return self.actor

    def json(self) -> Any:
        """The body as JSON, None if there is none; raises InvalidInput (`request.malformed`)."""
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError) as error:
            raise InvalidInput("The body is not JSON that can be read.", code="request.malformed") from error


@dataclass(frozen=True)
class SystemAnswer:
    """What a system plugin answers: a JSON value, or bytes of another `content_type`, at once or as they come."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


def route(
    method: str, path: str, *, permission: str | None = None, public: bool = False
) -> Callable[[Handler], Handler]:
    """Makes an async method `(self, request: SystemRequest)` answer; it gives a SystemAnswer, or JSON for status 200.

    Without `public` its caller is signed in and has the permission, if one is named.
    """

    def mark(handler: Handler) -> Handler:
        export = RouteExport.model_validate(
            {"method": method, "path": path, "handler": handler.__name__, "permission": permission, "public": public}
        )
        setattr(handler, _MARK, export)
        return handler

    return mark


class SystemPlugin:
    """A manifest, and objects whose methods are marked with `route`; the manifest's exports are read off them."""

    def __init__(self, manifest: Manifest, parts: Sequence[object]) -> None:
        found = [(export, method) for part in parts for export, method in _marked(part)]
        self.manifest = manifest.model_copy(update={"exports": Exports(routes=tuple(export for export, _ in found))})
        self._handlers = {export.handler: method for export, method in found}
        if len(self._handlers) != len(found):
            raise ValueError("two handlers of a system plugin have one name")
        self._routes = Routes(self.id, self.manifest.exports.routes)

    @property
    def id(self) -> str:
        """`publisher.name`."""
        return self.manifest.id

    def as_dict(self) -> dict[str, Any]:
        """The plugin as JSON, with what an installed one has."""
        said = self.manifest.model_dump(mode="json", exclude={"format", "publisher", "name", "main", "host"})
        return {"id": self.id, "state": "active", "system": True, **said}

    def find(self, method: str, path: str) -> tuple[RouteExport, dict[str, str]]:
        """As `Routes.find`."""
        return self._routes.find(method, path)

    def doc_of(self, export: RouteExport) -> str:
        """What the route does, as its handler says."""
        return " ".join((self._handlers[export.handler].__doc__ or "").split())

    async def answer(self, export: RouteExport, request: SystemRequest) -> SystemAnswer:
        """What the handler of the route answers; raises what it raises."""
        given = await self._handlers[export.handler](request)
        return given if isinstance(given, SystemAnswer) else SystemAnswer(given)


def _marked(part: object) -> list[tuple[RouteExport, Callable[..., Awaitable[Any]]]]:
    methods = [getattr(part, name) for name in sorted(dir(type(part))) if hasattr(getattr(type(part), name), _MARK)]
    return [(getattr(method, _MARK), method) for method in methods]


class SystemPlugins:
    """The system plugins of this process, by id."""

    def __init__(self) -> None:
        self._plugins: dict[str, SystemPlugin] = {}

    def add(self, plugin: SystemPlugin) -> None:
        """From now on it answers."""
        self._plugins[plugin.id] = plugin

    @property
    def all(self) -> list[SystemPlugin]:
        """All of them, by id."""
        return [self._plugins[plugin_id] for plugin_id in sorted(self._plugins)]

    def named(self, plugin_id: str) -> SystemPlugin | None:
        """The one with this id."""
        return self._plugins.get(plugin_id)

    def __contains__(self, plugin_id: object) -> bool:
        return plugin_id in self._plugins

    def answers_strangers(self, plugin_id: str, method: str, path: str) -> bool:
        """Whether somebody who is not signed in is answered."""
        try:
            return self._plugins[plugin_id].find(method, path)[0].public
        except (NotFound, MethodNotAllowed):
            return False

    async def run(self, plugin_id: str, request: SystemRequest) -> SystemAnswer:
        """What the plugin answers; raises NotFound (`plugin.not_active`, `plugin.no_such_route`), MethodNotAllowed,
        NotSignedIn, PermissionDenied, and what the plugin raises."""
        if plugin_id not in self._plugins:
            raise PluginNotActive(plugin_id)
        plugin = self._plugins[plugin_id]
        export, params = plugin.find(request.method, request.path)
        if not export.public and request.actor is None:
            raise NotSignedIn("Sign in to do this.", next_step="Sign in, or send an access token.")
        if export.permission is not None:
            request.person.require(export.permission)
        with Span("system plugin call", plugin=plugin_id, entry=f"on {export.method} {export.path}"):
            return await plugin.answer(export, replace(request, params=params))
