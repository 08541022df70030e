"""What a plugin answered, checked: it may answer anything."""

from base64 import b64decode, b64encode
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
JSON, BYTES = "application/json", "application/octet-stream"
TEXT_TYPES = ("text/plain", "text/csv")
CONTENT_TYPES = (JSON, *TEXT_TYPES, "application/pdf", "image/png", "image/jpeg", "image/webp", BYTES)
"""What a body may be: nothing that runs in a browser."""


@dataclass(frozen=True)
class RouteAnswer:
    """What a route answered: `status` is 200 to 299 or 400 to 599, names of `headers` are in lower case.

    `body` is a JSON value where `content_type` is that of JSON, bytes otherwise; it is one of `CONTENT_TYPES`.
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    content_type: str = JSON

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON: bytes as text where they are text, else in base64."""
        plain = {"status": self.status, "headers": dict(self.headers)}
        if self.content_type == JSON:
            return plain | {"body": self.body}
        is_text = self.content_type in TEXT_TYPES
        body = self.body.decode() if is_text else b64encode(self.body).decode()
        return plain | {"content_type": self.content_type, "body": body, "base64": not is_text}


def _status(status: int) -> int:
    if status // 100 == 3:
        raise ValueError("This must not redirect.")
    return status


class _Answer(Input):
    model_config = ConfigDict(strict=True)

    status: Annotated[int, Field(ge=200, le=599), AfterValidator(_status)]
    headers: dict[str, str]
    body: Any
    base64: bool = False
    content_type: str | None = None


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
    kind = answer.content_type or (BYTES if answer.base64 else JSON)
    if kind not in CONTENT_TYPES:
        raise BadResult(f"A body may be {', '.join(CONTENT_TYPES)}, and nothing else.", place="content_type")
    return RouteAnswer(answer.status, headers, _body(answer, kind), kind)


def _body(answer: _Answer, kind: str) -> Any:
    if kind == JSON and not answer.base64:
        return answer.body
    if not isinstance(answer.body, str) or not (answer.base64 or kind in TEXT_TYPES):
        raise BadResult(f"A body of {kind} must be bytes, or text where it is text.", place="body")
    try:
        body = b64decode(answer.body, validate=True) if answer.base64 else answer.body.encode()
        # What is said to be text is sent as UTF-8.
        if kind in TEXT_TYPES:
            body.decode()
    except ValueError:
        raise BadResult(f"This body of {kind} cannot be sent.", place="body") from None
    if kind == JSON:
        raise BadResult("A body of JSON must be a value, not bytes.", place="body")
    return body


def draft_answer(value: object) -> dict[str, Any] | None:
    """The draft as a `before` hook changed it, None if it did not; raises BadResult for what is neither."""
    if value is None or isinstance(value, dict):
        return value
    raise BadResult("A hook must return the draft as an object, or nothing.")


def _first(error: InvalidInput) -> str:
    name, sentence = next(iter(error.fields.items()))
    return f"{name}: {sentence}"
