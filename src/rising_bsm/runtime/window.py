"""How much of something there was in the time that has just gone by."""

from collections import deque

PARTS = 60


class Window:
    """The sum of what was added in the last `seconds`, to a sixtieth of that time. Moments are seconds, and never go
    back by more than that sixtieth."""

    def __init__(self, seconds: float = 60.0) -> None:
        self._part_seconds = seconds / PARTS
        self._parts: deque[list[int]] = deque()
        self._total = 0

    def add(self, now: float, amount: int = 1) -> None:
        """So much more."""
        part = self._forget_before(now)
        if self._parts and self._parts[-1][0] >= part:
            self._parts[-1][1] += amount
        else:
            self._parts.append([part, amount])
        self._total += amount

    def total(self, now: float) -> int:
        """How much there was."""
        self._forget_before(now)
        return self._total

    def seconds_until_below(self, limit: int, now: float) -> float:
        """How long until there is less than `limit`, which is 1 or more, if nothing is added."""
        left, wait = self.total(now), 0.0
        for part, amount in self._parts:
            if left < limit:
                break
            left, wait = left - amount, (part + PARTS) * self._part_seconds - now
        return max(0.0, wait)

    def _forget_before(self, now: float) -> int:
        part = int(now / self._part_seconds)
        parts = self._parts
        while parts and parts[0][0] <= part - PARTS:
            self._total -= parts.popleft()[1]
        return part
