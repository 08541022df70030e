"""Decorators that say what a method answers to. They only attach a mark; the host reads the marks off the class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

MARKS = "__rising_bsm__"


@dataclass(frozen=True)
class Route:
    """An HTTP route below `/api/ext/{publisher.name}`."""

    method: str
    path: str
    permission: str | None


@dataclass(frozen=True)
class Before:
    """A hook that runs before something is written."""

    hook: str


def route(method: Method, path: str, *, permission: str | None = None) -> Callable[[Handler], Handler]:
    """Answer `method path`; the handler gets `(ctx, request)` and returns JSON or a `Response`.

    `path` starts with "/" and may hold parameters (`/customers/{id}`). `permission` is what the calling user must hold.
    """
    return _mark(Route(method, path, permission))


def before(hook: str) -> Callable[[Handler], Handler]:
    """Run before `hook` (such as `customers.create`); the handler gets `(ctx, draft)`.

    Return the draft to write, or None to leave it as it is, or raise `Refuse`.
    """
    return _mark(Before(hook))


def marks_of(function: object) -> tuple[Route | Before, ...]:
    """The marks that decorators left on a function, outermost last."""
    marks: tuple[Route | Before, ...] = getattr(function, MARKS, ())
    return marks


def _mark(mark: Route | Before) -> Callable[[Handler], Handler]:
    def attach(function: Handler) -> Handler:
        setattr(function, MARKS, (*marks_of(function), mark))
        return function

    return attach
