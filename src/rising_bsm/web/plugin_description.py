"""What the active plugins answer, as paths of the description of the interface."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rising_bsm.bundle.manifest import ANSWERS_STRANGERS, RouteExport
from rising_bsm.runtime import ActivePlugin
from rising_bsm.runtime.system import SystemPlugin

_PARAMETER = re.compile(r"\{(\w+)\}")
_BODY = {"content": {"application/json": {"schema": {}}}, "required": False}
_ANSWER = {"description": "Whatever the plugin answers.", "content": {"application/json": {"schema": {}}}}


def paths_of_plugins(plugins: Sequence[ActivePlugin], system: Sequence[SystemPlugin]) -> dict[str, Any]:
    """A path item for each address that a plugin answers, tagged with the plugin's id."""
    paths: dict[str, Any] = {}
    for trusted in system:
        paths |= _paths(trusted.id, trusted.manifest.exports.routes, public=True)
    for plugin in plugins:
        paths |= _paths(plugin.id, plugin.exports.routes, public=ANSWERS_STRANGERS in plugin.grants)
    return paths


@lru_cache(maxsize=256)
def _paths(plugin_id: str, routes: tuple[RouteExport, ...], *, public: bool) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in routes:
        path = f"/api/ext/{plugin_id}{route.path.rstrip('/')}"
        paths.setdefault(path, {})[route.method.lower()] = _operation(plugin_id, route, public=public and route.public)
    return paths


def _operation(plugin_id: str, route: RouteExport, *, public: bool) -> dict[str, Any]:
    needs = f"Needs `{route.permission}`." if route.permission else "Needs nothing but to be signed in."
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]
    operation = {
        "tags": [plugin_id],
        "operationId": f"{plugin_id} {route.method} {route.path}",
        "summary": route.handler,
        "description": f"Answered by the plugin {plugin_id}. {'For everybody.' if public else needs}",
        "parameters": parameters,
        "responses": {"200": _ANSWER},
    }
    operation |= {"security": []} if public else {}
    return operation if route.method == "GET" else operation | {"requestBody": _BODY}
