"""The hook points of one running application."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any, TypeAlias

from rising_bsm.errors import InvalidInput

Draft: TypeAlias = dict[str, Any]
BeforeHandler: TypeAlias = Callable[[Draft, Draft | None, Any], Awaitable[Draft | None]]
"""`await handler(draft, current, actor)` gives the draft to go on with, None to leave it, or raises to refuse."""


class Registration:
    """A handler's place at a hook point."""

    def __init__(self, handlers: list["Registration"], handler: BeforeHandler) -> None:
        self.handler = handler
        self._handlers = handlers
        handlers.append(self)

    def remove(self) -> None:
        """The handler is not called by runs that start from now on; doing it twice is fine."""
        if self in self._handlers:
            self._handlers.remove(self)


class HookPoints:
    """Named moments at which others may look at, change or refuse what is about to happen."""

    def __init__(self) -> None:
        self._before: defaultdict[str, list[Registration]] = defaultdict(list)

    def before(self, point: str, handler: BeforeHandler) -> Registration:
        """The handler takes part in every run of this point from now on, after those that are registered already."""
        return Registration(self._before[point], handler)

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
