"""What a plugin answered, checked: it may answer anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from rising_bsm.accounts.validation import Input
from rising_bsm.errors import InvalidInput
from rising_bsm.sandbox import BadResult

ANSWER_HEADERS = frozenset({"cache-control", "content-language", "etag", "last-modified"})
"""The headers of a plugin's answer that are passed on; the host says the others itself."""
HEADER_CHARACTERS = 200
WITHOUT_BODY = (204, 205)


@dataclass(frozen=True)
class RouteAnswer:
    """What a route answered: `status` is 200 to 299 or 400 to 599, names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any


def _status(status: int) -> int:
    if status // 100 == 3:
        raise ValueError("This must not redirect.")
    return status


class _Answer(Input):
    model_config = ConfigDict(strict=True)

    status: Annotated[int, Field(ge=200, le=599), AfterValidator(_status)]
    headers: dict[str, str]
    body: Any


def route_answer(value: object) -> RouteAnswer:
    """The answer of a route; raises BadResult for what cannot be one."""
    try:
        answer = _Answer.of(value)
    except InvalidInput as error:
        raise BadResult(f"The answer is none: {_first(error)}", place=error.place) from None
    headers = {name.lower(): text for name, text in answer.headers.items() if name.lower() in ANSWER_HEADERS}
    for name, text in headers.items():
        if not (text.isascii() and text.isprintable() and len(text) <= HEADER_CHARACTERS):
            raise BadResult(f"The header {name} must be one line of printable ASCII characters.", place=name)
    if answer.status in WITHOUT_BODY and answer.body is not None:
        raise BadResult(f"An answer with status {answer.status} has no body.", place="body")
    return RouteAnswer(answer.status, headers, answer.body)


def draft_answer(value: object) -> dict[str, Any] | None:
    """The draft as a `before` hook changed it, None if it did not; raises BadResult for what is neither."""
    if value is None or isinstance(value, dict):
        return value
    raise BadResult("A hook must return the draft as an object, or nothing.")


def _first(error: InvalidInput) -> str:
    name, sentence = next(iter(error.fields.items()))
    return f"{name}: {sentence}"
