"""How a plugin's calls went over time: what there was in each of equal parts of a period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Period: TypeAlias = Literal["hour", "day", "week"]
PARTS: dict[Period, tuple[int, timedelta]] = {
    "hour": (60, timedelta(minutes=1)),
    "day": (48, timedelta(minutes=30)),
    "week": (56, timedelta(hours=3)),
}
"""How many parts each period has, and how long each is."""
FAILED = ("failed", "timeout", "too_deep")
"""What a call came to that says the plugin does not work."""


@dataclass(frozen=True)
class Measured:
    """What one call took."""

    at: datetime
    status: str
    fuel: int
    wall_ms: float


@dataclass(frozen=True)
class Part:
    """What there was from `begins` on; times are milliseconds, None when nothing was called."""

    begins: datetime
    calls: int
    failures: int
    fuel: int
    p50_ms: float | None
    p99_ms: float | None


def course(calls: Iterable[Measured], period: Period, until: datetime) -> list[Part]:
    """The parts of the period that ends at `until`, the earliest first; calls from outside of it count nowhere."""
    count, length = PARTS[period]
    first = until - count * length
    sorted_in: list[list[Measured]] = [[] for _ in range(count)]
    for call in calls:
        place = (call.at - first) // length
        if 0 <= place < count:
            sorted_in[place].append(call)
    return [_part(first + place * length, found) for place, found in enumerate(sorted_in)]


def _part(begins: datetime, calls: Sequence[Measured]) -> Part:
    walls = sorted(call.wall_ms for call in calls)
    failures = sum(call.status in FAILED for call in calls)
    fuel = sum(call.fuel for call in calls)
    return Part(begins, len(calls), failures, fuel, _percentile(walls, 50), _percentile(walls, 99))


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    return ordered[len(ordered) * percent // 100] if ordered else None
