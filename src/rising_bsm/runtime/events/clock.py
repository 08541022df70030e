"""When a schedule runs next, by the clocks of its time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

_CHANGE = timedelta(hours=3)
"""More than clocks are ever put forward or back at once."""


def next_run(cron: str, time_zone: str, after: datetime) -> datetime:
    """The first time after `after` at which the expression is met, in UTC.

    A time that the clocks skip is made up for as soon as they have been put forward. One that comes twice counts the
    first time; what runs every hour (`*` or `*/n` as the hour) runs in both of them.
    """
    zone, every_hour = ZoneInfo(time_zone), cron.split(" ")[1].startswith("*")
    local = after.astimezone(zone).replace(tzinfo=None)
    found: list[datetime] = []
    for wall in _walls(cron, local - _CHANGE):
        moments = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in ((0, 1) if every_hour else (0,)))
        found += [moment for moment in moments if moment > after]
        if found and wall > local + _CHANGE:
            break
    return min(found)


def _walls(cron: str, start: datetime) -> Iterator[datetime]:
    # Without a time zone: what happens when clocks are changed is decided above, and not by the library.
    times = croniter(cron, start)
    while True:
        yield times.get_next(datetime)  # type: ignore[no-untyped-call]  # half of the library is
