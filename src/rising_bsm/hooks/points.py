"""The hook points of one running application."""

from bisect import insort
from collections import defaultdict
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from rising_bsm.errors import InvalidInput

Draft: TypeAlias = dict[str, Any]
BeforeHandler: TypeAlias = Callable[[Draft, Draft | None, Any], Awaitable[Draft | None]]
"""`await handler(draft, current, actor)` gives the draft to go on with, None to leave it, or raises to refuse."""


@dataclass(frozen=True)
class Event:
    """Something that was done: `before` and `after` are the entity as JSON, None where there was or is none.

    `name` is that of the hook point (`customers.update`), `actor` who did it.
    """

    name: str
    entity_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    actor: Any


AfterHandler: TypeAlias = Callable[[Any, Event], Awaitable[None]]
"""`await handler(session, event)` takes note of the event in the transaction of `session`; raising undoes the deed."""

Handler = TypeVar("Handler")


DEFAULT_ORDER = 100


class Registration(Generic[Handler]):
    """A handler's place at a hook point: by `order`, then by `name`, then by who came first."""

    def __init__(
        self, handlers: list["Registration[Handler]"], handler: Handler, order: int = DEFAULT_ORDER, name: str = ""
    ) -> None:
        self.handler = handler
        self.place = order, name
        self._handlers = handlers
        insort(handlers, self, key=lambda registration: registration.place)

    def remove(self) -> None:
        """The handler is not called by runs that start from now on; doing it twice is fine."""
        if self in self._handlers:
            self._handlers.remove(self)


class HookPoints:
    """Named moments at which others may look at, change or refuse what is about to happen."""

    def __init__(self) -> None:
        self._before: defaultdict[str, list[Registration[BeforeHandler]]] = defaultdict(list)
        self._after: list[Registration[AfterHandler]] = []

    def before(
        self, point: str, handler: BeforeHandler, *, order: int = DEFAULT_ORDER, name: str = ""
    ) -> Registration[BeforeHandler]:
        """The handler takes part in every run of this point that begins from now on.

        Lower orders run first; among equals the order of the names decides, then who was registered first.
        """
        return Registration(self._before[point], handler, order, name)

    def after(self, handler: AfterHandler) -> Registration[AfterHandler]:
        """The handler is told of every event from now on, whatever its name."""
        return Registration(self._after, handler)

    async def run_after(self, session: Any, event: Event) -> None:
        """Tells the handlers of the event, in the transaction of `session` that does it; what one raises ends both."""
        for registration in tuple(self._after):
            await registration.handler(session, event)

    async def run_before(self, point: str, draft: Draft, current: Draft | None, actor: Any) -> Draft:
        """The draft as the handlers leave it, each given a copy of what the one before returned.

        `current` is what is stored now, None when there is nothing. What a handler raises ends the run.
        Raises InvalidInput (`hooks.bad_answer`) when a handler returns neither a dict nor None.
        No transaction may be open: a handler may take its time and use the services itself.
        """
        for registration in tuple(self._before.get(point, ())):
            answer = await registration.handler(deepcopy(draft), deepcopy(current), actor)
            if answer is not None:
                draft = _checked(answer, point)
        return draft


def _checked(answer: object, point: str) -> Draft:
    if isinstance(answer, dict):
        try:
            return deepcopy(answer)
        except RecursionError:
            raise _bad_answer("something nested too deeply", point) from None
    raise _bad_answer(type(answer).__name__, point)


def _bad_answer(what: str, point: str) -> InvalidInput:
    return InvalidInput(
        f"A handler of {point} returned {what}; it must return the draft as an object, or nothing.",
        code="hooks.bad_answer",
        place=point,
        next_step="Return the draft, changed or not, or return nothing to leave it as it is.",
    )
