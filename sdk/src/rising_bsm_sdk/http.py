"""A request to a plugin's route and the answer to it."""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What came in on a route.

    `params` are the path parameters, `query` the last value of each query parameter, `headers` have lower-case names,
    `body` is the decoded JSON, a text, the last value of each field of a form, or None. A body of any other kind is in
    `bytes`, and `headers["content-type"]` says which.

    From somebody who is not signed in (see `route`) `bytes` is the body as it came, whatever its kind, and headers that
    begin with `x-` or `webhook-` or end with `-signature` are there, too: enough to check who signed it.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    bytes: builtins.bytes | None = None


@dataclass(frozen=True)
class Response:
    """An answer with a status of its own; `headers` are limited to those the host lets through.

    `body` is JSON unless it is bytes or `content_type` says otherwise: `text/plain` or `text/csv` for a text,
    `application/pdf`, `image/png`, `image/jpeg`, `image/webp` or `application/octet-stream` (a download) for bytes.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None
