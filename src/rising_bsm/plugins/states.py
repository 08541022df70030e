"""The life of an installed plugin, as a word."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeAlias

Told: TypeAlias = Callable[[str], Awaitable[None]]
"""Is told of each step when it is done: `granted`, `staged`."""


async def nobody(_step: str) -> None:
    """Whom it does not matter to."""


class State(StrEnum):
    """How far a plugin is.

    uploaded ──▶ verified ──▶ staged ──▶ active ◀──▶ inactive
        └───────────┴───────────┴──▶ gone    └──▶ removing ◀──┘ ──▶ gone

    `uploaded`: the bundle is on disk, unread. `verified`: a trusted key has signed it, and it may be installed here.
    `staged`: it runs in the sandbox and has prepared itself. Whatever stops it on the way to `active`, or while it is
    `removing`, what is there of it is removed: at once, or at the next start when the program was ended.
    """

    UPLOADED = "uploaded"
    VERIFIED = "verified"
    STAGED = "staged"
    ACTIVE = "active"
    INACTIVE = "inactive"
    REMOVING = "removing"


SETTLED = frozenset({State.ACTIVE, State.INACTIVE})
"""The states in which a plugin stays; in all others something is being done to it."""
