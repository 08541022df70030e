"""From numbers to places on an axis."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LARGEST = 1e15
"""What is beyond this is drawn as if it were this."""
_STEPS = (1.0, 2.0, 5.0, 10.0)


def drawable(value: float | None) -> float | None:
    """The value as it can be drawn: None for what is no number, and nothing beyond `LARGEST`."""
    if value is None or math.isnan(value):
        return None
    return max(-LARGEST, min(LARGEST, float(value)))


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high` with round `ticks`, drawn from `start` (at `low`) to `end`."""

    ticks: tuple[float, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where the value is."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def nice_ticks(values: Iterable[float], most: int = 5, *, zero: bool = True) -> tuple[float, ...]:
    """Two to about `most` evenly spaced round numbers that enclose all the values; and zero, if `zero`."""
    known = [*values, *([0.0] if zero else [])] or [0.0]
    low, high = min(known), max(known)
    size = max(abs(low), abs(high))
    if high - low <= max(size, 1e-3) * 1e-6:
        # So close that floats could not tell the ticks between them apart.
        wide = max(1.0, size * 1e-3)
        low, high = (low, low + wide) if low >= 0 else (high - wide, high)
    step = _nice((high - low) / (most - 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(index * step, 12) for index in range(first, max(last, first + 1) + 1))


def every(count: int, most: int) -> Sequence[int]:
    """At most about `most` of `count` indexes, evenly spread, the first among them."""
    return range(0, count, max(1, -(-count // most)))


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(nice * power for nice in _STEPS if nice * power >= step * (1 - 1e-9))
