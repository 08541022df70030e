"""What led to what is being done now: plugins that set each other off are stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from rising_bsm.errors import InvalidInput

DEEPEST = 8
"""How many events may lead to one another."""


class EventsTooDeep(InvalidInput):
    """Handlers of events set each other off more often than is allowed; `place` is the event that was one too many."""

    code = "events.too_deep"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"This was not done, as it would cause {name} at the end of a chain of {DEEPEST} events that caused each "
            "other.",
            place=name,
            next_step="Look for plugins whose handlers set themselves or each other off; their authors must stop that.",
        )


@dataclass
class Chain:
    """The events behind what is being done: how many there are, and what happened at the end of too many."""

    depth: int = 0
    too_deep: EventsTooDeep | None = None


_CHAIN: ContextVar[Chain | None] = ContextVar("rising_bsm_chain_of_events", default=None)


@contextmanager
def at_depth(depth: int) -> Iterator[Chain]:
    """Inside, what this task does is at this depth."""
    chain = Chain(depth)
    outer = _CHAIN.set(chain)
    try:
        yield chain
    finally:
        _CHAIN.reset(outer)


def next_depth(name: str) -> int:
    """The depth of an event that happens now: 0 when people or the clock cause it. Raises EventsTooDeep."""
    chain = _CHAIN.get()
    if chain is None:
        return 0
    if chain.depth > DEEPEST:
        chain.too_deep = EventsTooDeep(name)
        raise chain.too_deep
    return chain.depth
