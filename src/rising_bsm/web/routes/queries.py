"""Parameters that a handler checks by itself, and that the API description still shows."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import Operation, Parameter, Schema
from pydantic import BaseModel

from rising_bsm.web.routes.bodies import properties

_NAMES = {"anyOf": "any_of", "minLength": "min_length", "maxLength": "max_length"}
"""What JSON Schema calls otherwise than the framework does."""


def asked(model: type[BaseModel]) -> type[Operation]:
    """The operation of a handler whose parameters are the fields of this model."""

    @dataclass
    class Asked(Operation):
        def __post_init__(self) -> None:
            fields = properties(model).items()
            self.parameters = [*(self.parameters or []), *(_parameter(name, schema) for name, schema in fields)]

    return Asked


def _parameter(name: str, schema: dict[str, Any]) -> Parameter:
    # In a URL, what is not asked about is left out.
    told = {key: value for key, value in schema.items() if key not in ("default", "title")}
    if "anyOf" in told:
        told = next(one for one in told["anyOf"] if one.get("type") != "null")
    return Parameter(name, "query", schema=Schema(**{_NAMES.get(key, key): value for key, value in told.items()}))
