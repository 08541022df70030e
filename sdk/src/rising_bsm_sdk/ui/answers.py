"""What an action may answer with, other than a tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .node import tree


@dataclass(frozen=True)
class Done:
    """It is done: the component is shown again, with this message above it.

    `state` is what the component gets as `props["state"]` then, and after the actions that follow: JSON of at most
    2 KiB.
    """

    message: str = ""
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Redirect:
    """The person is led to another page; `to` and `query` are those of a `Link`, and it leads to no other host."""

    to: str
    query: Mapping[str, str] | None = None


def result(answer: Any) -> dict[str, Any]:
    """What an action returned, as JSON: a tree, what is done, or where to go."""
    if answer is None:
        return {}
    if isinstance(answer, Done):
        return {"message": answer.message, "state": answer.state}
    if isinstance(answer, Redirect):
        return {"redirect": {"type": "Link", "text": "", "to": answer.to, "query": answer.query}}
    return {"tree": tree(answer)}
