"""How much each plugin has asked of the network, in one running process."""

import time
from collections import defaultdict
from collections.abc import Callable

from rising_bsm.runtime.egress.errors import FetchesTooMany
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.window import Window

DAY = 86_400.0
EGRESS_BYTES = "egress.bytes"
"""What is told of under this name is how much was moved."""


def _nobody(_plugin_id: str, _what: str, _amount: int) -> None:
    """Nobody wants to know."""


class Meter:
    """Counts requests in any 60 seconds and bytes in any day from the first, by plugin.

    `told` is told of each request by the place that allows it, and of the bytes that were moved.
    """

    def __init__(self, limits: RuntimeLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._requests: defaultdict[str, Window] = defaultdict(Window)
        self._bytes: dict[str, tuple[float, int]] = {}
        self.told: Callable[[str, str, int], None] = _nobody

    def count(self, plugin_id: str, place: str) -> None:
        """One more request to this place; raises FetchesTooMany, and does not count, when it is one too many."""
        now, seen = self._clock(), self._requests[plugin_id]
        most = self._limits.fetches_per_minute
        if seen.total(now) >= most:
            raise _too_many(f"{most:,} requests a minute", seen.seconds_until_below(most, now))
        begun, used = self._today(plugin_id, now)
        if used >= self._limits.fetch_bytes_per_day:
            raise _too_many(f"{self._limits.fetch_bytes_per_day:,} bytes a day", begun + DAY - now)
        seen.add(now)
        self.told(plugin_id, place, 1)

    def add(self, plugin_id: str, size: int) -> None:
        """So many bytes went there or came from there."""
        begun, used = self._today(plugin_id, self._clock())
        self._bytes[plugin_id] = begun, used + size
        self.told(plugin_id, EGRESS_BYTES, size)

    def _today(self, plugin_id: str, now: float) -> tuple[float, int]:
        begun, used = self._bytes.get(plugin_id, (now, 0))
        return (now, 0) if now - begun >= DAY else (begun, used)


def _too_many(what: str, seconds: float) -> FetchesTooMany:
    return FetchesTooMany(
        f"The plugin may use {what} of the network.", place="http", next_step=f"Try again in {max(1, int(seconds))} s."
    )
