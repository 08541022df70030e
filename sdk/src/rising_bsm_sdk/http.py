"""A request to a plugin's route and the answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What came in on a route.

    `params` are the path parameters, `query` the last value of each query parameter, `headers` have lower-case names,
    `body` is the decoded JSON, a text, or None.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Response:
    """An answer with a status of its own; `body` is JSON, `headers` are limited to those the host lets through."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
