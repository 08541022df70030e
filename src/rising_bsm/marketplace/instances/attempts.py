"""How often somebody may fail, in one running process."""

from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta
from math import ceil

from rising_bsm.db import now
from rising_bsm.marketplace.instances.errors import TooManyAttempts

_KEYS = 10_000


class Attempts:
    """At most `most` failures per key `within` a time; remembers the 10,000 keys that failed last."""

    def __init__(self, most: int, within: timedelta, message: str) -> None:
        self._most = most
        self._within = within
        self._message = message
        self._failed: dict[Hashable, deque[datetime]] = {}

    def check(self, key: Hashable) -> None:
        """Raises TooManyAttempts for somebody who has failed too often."""
        moment, failed = now(), self._failed.get(key, deque())
        while failed and failed[0] <= moment - self._within:
            failed.popleft()
        if len(failed) >= self._most:
            wait = (failed[0] + self._within - moment).total_seconds()
            raise TooManyAttempts(self._message, retry_after=max(1, ceil(wait)))

    def failed(self, key: Hashable) -> None:
        """One more failure."""
        # Taken out and put back, so that the dict stays in the order of last use.
        failed = self._failed.pop(key, None) or deque(maxlen=self._most)
        failed.append(now())
        self._failed[key] = failed
        if len(self._failed) > _KEYS:
            del self._failed[next(iter(self._failed))]
