"""Days of a calendar: which ones a view shows, and which ones an appointment touches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from rising_bsm.business.appointments import Appointment

View = Literal["month", "week"]
YEARS = range(1972, 2199)
"""The years whose days a calendar shows, with room on both sides for those beside them."""

_DAY, _WEEK, _TICK = timedelta(days=1), timedelta(days=7), timedelta(microseconds=1)


@dataclass(frozen=True)
class Shown:
    """What a calendar shows: the month or the week that `day` is in, weeks beginning on `first_weekday` (Monday: 0)."""

    view: View
    day: date
    first_weekday: int = 0

    @classmethod
    def of(cls, view: str, day: str, today: date, first_weekday: int) -> "Shown":
        """What an address asks for; this month where it says nothing that can be shown."""
        try:
            wanted = date.fromisoformat(day)
        except ValueError:
            wanted = today
        wanted = wanted if wanted.year in YEARS else today
        return cls("week" if view == "week" else "month", wanted, first_weekday)

    @property
    def weeks(self) -> list[list[date]]:
        """Its days, in whole weeks: a month has days of its neighbours at both ends."""
        first, last = self._ends
        begin = first - timedelta(days=(first.weekday() - self.first_weekday) % 7)
        count = (last - begin).days // 7 + 1
        return [[begin + week * _WEEK + number * _DAY for number in range(7)] for week in range(count)]

    @property
    def before(self) -> date:
        """A day of the month or week before this one."""
        return self.day - _WEEK if self.view == "week" else self.day.replace(day=1) - _DAY

    @property
    def after(self) -> date:
        """A day of the month or week after this one."""
        return self.day + _WEEK if self.view == "week" else (self.day.replace(day=1) + 31 * _DAY).replace(day=1)

    @property
    def _ends(self) -> tuple[date, date]:
        if self.view == "week":
            return self.day, self.day
        first = self.day.replace(day=1)
        return first, (first + 31 * _DAY).replace(day=1) - _DAY


@dataclass(frozen=True)
class Entry:
    """What of an appointment is on one day; `begins` and `ends` are when, None where it is on another day."""

    appointment: Appointment
    begins: datetime | None
    ends: datetime | None


def entries_by_day(appointments: Iterable[Appointment], days: Sequence[date], zone: str) -> dict[date, list[Entry]]:
    """For each of the days the appointments that touch it there, those first that began on an earlier day."""
    found: dict[date, list[Entry]] = {day: [] for day in days}
    for one in sorted(appointments, key=lambda one: one.starts_at):
        first, last = _local(one.starts_at, zone).date(), _local(one.ends_at - _TICK, zone).date()
        for day in days_touched(one.starts_at, one.ends_at, zone):
            if day in found:
                begins, ends = one.starts_at if day == first else None, one.ends_at if day == last else None
                found[day].append(Entry(one, begins, ends))
    return found


def days_touched(starts: datetime, ends: datetime, zone: str) -> list[date]:
    """The days of that place on which there is a moment from `starts` until before `ends`.

    Days are as long as they are there: clocks are changed at midnight, too, and whole days have been left out.
    """
    first, last = _local(starts, zone), _local(ends - _TICK, zone)
    if first.date() == last.date() and first.utcoffset() == last.utcoffset():
        return [first.date()]
    low, high = sorted((first.date(), last.date()))
    near = [low + number * _DAY for number in range(-1, (high - low).days + 2)]
    return [day for day in near if day in (low, high) or _begins_or_ends_within(day, starts, ends, zone)]


def _begins_or_ends_within(day: date, starts: datetime, ends: datetime, zone: str) -> bool:
    """Whether the day's first or last moment is among these; both may come twice, or not at all."""
    edges = (
        datetime.combine(day, at, ZoneInfo(zone)).replace(fold=fold) for at in (time.min, time.max) for fold in (0, 1)
    )
    moments = [edge.astimezone(UTC) for edge in edges]
    return any(starts <= one < ends and _local(one, zone).date() == day for one in moments)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))
