"""Whose a token is, remembered for a moment: asking the database takes longer than most of what is asked for."""

import time
from collections.abc import Awaitable, Callable

from rising_bsm.accounts.tokens import Token
from rising_bsm.accounts.users import User

SECONDS = 1.0
"""How long it may take until a change by another process holds; one by this process holds at once."""
MOST = 10_000

Holder = tuple[Token, User]


class Recognition:
    """Tokens and users as they were read last; unknown tokens are not remembered."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[float, Holder]] = {}
        self._changes = 0

    async def holder(self, digest: bytes, read: Callable[[bytes], Awaitable[Holder | None]]) -> Holder | None:
        """What `read` gave less than `SECONDS` ago, or gives now."""
        until, holder = self._known.get(digest, (0.0, None))
        if holder is not None and self._clock() < until:
            return holder
        changes = self._changes
        found = await read(digest)
        # What was read before a change may be from before it, too.
        if found is not None and changes == self._changes:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[digest] = (self._clock() + SECONDS, found)
        return found

    def forget(self) -> None:
        """Users or tokens have changed."""
        self._changes += 1
        self._known.clear()
