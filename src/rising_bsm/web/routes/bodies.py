"""Bodies that a service checks by itself, and that the API description still shows."""

from typing import Any

from litestar.params import Body, BodyKwarg
from pydantic import BaseModel


def described(model: type[BaseModel], *, partly: bool = False) -> BodyKwarg:
    """A body that reaches the service as it came, described by the model that the service checks it with.

    `partly` says that any of its fields may be left out.
    """
    shown = {"type": "object", "properties": properties(model), "additional_properties": False}
    required = {} if partly else {"required": model.model_json_schema().get("required", [])}
    body: BodyKwarg = Body(description=model.__doc__, schema_extra=shown | required)
    return body


def properties(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of each field, complete in itself."""
    schema = model.model_json_schema()
    complete: dict[str, Any] = _inlined(schema["properties"], schema.get("$defs", {}))
    return complete


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(one, definitions) for name, one in schema.items()}
