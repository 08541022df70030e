"""Bodies that a service checks by itself, and that the API description still shows."""

from litestar.params import Body, BodyKwarg
from pydantic import BaseModel


def described(model: type[BaseModel]) -> BodyKwarg:
    """A body that reaches the service as it came, described by the model that the service checks it with."""
    body: BodyKwarg = Body(
        description=model.__doc__, schema_extra={"properties": model.model_json_schema()["properties"]}
    )
    return body
