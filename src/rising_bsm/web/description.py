"""The description of the interface for programs: OpenAPI, with the form that every refusal has."""

from typing import Any

from litestar import Request, Router
from litestar.openapi.plugins import JsonRenderPlugin

from rising_bsm.runtime import Runtime
from rising_bsm.web.plugin_description import paths_of_plugins

_REFUSAL = {
    "type": "object",
    "description": "Why not: a stable code, a sentence, and where they apply a place, a next step and wrong fields.",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "place": {"type": "string"},
        "next_step": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_METHODS = ("get", "post", "put", "patch", "delete")
_REFUSED = {
    "description": "It was refused, or it failed.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
}


class DescriptionAlone(JsonRenderPlugin):
    """The API description and no page around it: those load their scripts from elsewhere, or look unlike ours."""

    def receive_router(self, router: Router) -> None:
        """Leaves the router with nothing but the description."""
        router.routes = [route for route in router.routes if route.path == "/api/openapi.json"]

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description as JSON; what plugins answer is shown to those who are signed in."""
        description = with_refusals(openapi_schema)
        if request.user is not None:
            runtime: Runtime = request.app.state.services.runtime
            of_plugins = paths_of_plugins(runtime.active, runtime.system.all)
            description = description | {"paths": description["paths"] | of_plugins}
        return self.render_json(request, description)


def with_refusals(description: dict[str, Any]) -> dict[str, Any]:
    """The description with our refusals in the place of those that the framework believes in."""
    components: dict[str, Any] = description.get("components", {})
    schemas = components.get("schemas", {}) | {"Refusal": _REFUSAL}
    paths = {path: _refusing(item) if _is_ours(path) else item for path, item in description["paths"].items()}
    return description | {"paths": paths, "components": components | {"schemas": schemas}}


def _is_ours(path: str) -> bool:
    # What plugins answer is theirs, and /health says how it is in any case.
    return path.startswith("/api/") and not path.startswith("/api/ext/")


def _refusing(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _operation(value) if name in _METHODS else value for name, value in item.items()}


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    answers = {status: answer for status, answer in operation["responses"].items() if status < "4"}
    return operation | {"responses": answers | {"default": _REFUSED}}
