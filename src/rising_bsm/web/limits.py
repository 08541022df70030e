"""How often somebody may try, in one running process."""

import time
from collections import deque
from collections.abc import Callable, Hashable
from ipaddress import IPv6Address, ip_address
from math import ceil

from rising_bsm.web.errors import RateLimited

WINDOW_SECONDS = 60.0
_KEYS = 10_000


class RateLimit:
    """At most `per_minute` events per key in any 60 seconds; remembers the 10,000 keys that were seen last."""

    def __init__(self, per_minute: int, message: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._message = message
        self._clock = clock
        self._seen: dict[Hashable, deque[float]] = {}

    def count(self, key: Hashable) -> None:
        """One more event of this key; raises RateLimited, and does not count, when it is one too many."""
        now = self._clock()
        # Taken out and put back, so that the dict stays in the order of last use.
        seen = self._seen.pop(key, None) or deque()
        self._seen[key] = seen
        while seen and seen[0] <= now - WINDOW_SECONDS:
            seen.popleft()
        if len(seen) >= self._per_minute:
            raise RateLimited(self._message, retry_after=max(1, ceil(seen[0] + WINDOW_SECONDS - now)))
        seen.append(now)
        if len(self._seen) > _KEYS:
            del self._seen[next(iter(self._seen))]

    def forgive(self, key: Hashable) -> None:
        """The last event of this key does not count."""
        if seen := self._seen.get(key):
            seen.pop()


def network_of(address: str) -> str:
    """Whom to count for an address: itself, or its /64 for IPv6, where one customer has 2^64 addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)
