"""The version of an entity over HTTP: its `ETag`, and `If-Match` for who insists on it."""

from typing import Annotated, Any

from litestar import Response
from litestar.params import HeaderParameter

from rising_bsm.business.entity import Entity
from rising_bsm.web.errors import BadRequest

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", required=False)]


def with_version(entity: Entity, *, status: int = 200) -> Response[dict[str, Any]]:
    """The entity as an answer; its version is the `ETag`."""
    return Response(entity.as_dict(), status_code=status, headers={"ETag": f'"{entity.version}"'})


def version_of(if_match: str | None) -> int | None:
    """The version that `If-Match` names, None if any will do; raises BadRequest for what is none."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip()
    digits = text[1:-1]
    if text == f'"{digits}"' and digits.isascii() and digits.isdigit() and len(digits) < 10:
        return int(digits)
    raise BadRequest("If-Match holds no version.", place="If-Match", next_step="Send the ETag as it was received.")
