"""What answers of host functions are made of, for the reference and for those who check them."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

IdText = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601 in UTC."""
Json = dict[str, Any]


class Result(BaseModel):
    """An object with exactly these fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PageOf(Result, Generic[Item]):
    """Some of the entities that match; `total` counts all of them."""

    items: list[Item]
    total: int
    limit: int
    offset: int

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """The title of the schema: `Page of Customer`."""
        return f"Page of {params[0].model_config.get('title') or params[0].__name__}"
