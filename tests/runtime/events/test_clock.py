from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.runtime.events.clock import next_run

BERLIN = ZoneInfo("Europe/Berlin")
# In 2030 clocks in Berlin go from 2:00 to 3:00 on 31 March, and from 3:00 to 2:00 on 27 October.


def runs(cron: str, start: str, count: int, time_zone: str = "Europe/Berlin") -> list[str]:
    """The next runs after a moment, in local time with its distance from UTC."""
    moment, found = datetime.fromisoformat(start), []
    for _ in range(count):
        moment = next_run(cron, time_zone, moment)
        found.append(moment.astimezone(ZoneInfo(time_zone)).isoformat(timespec="minutes"))
    return found


def test_it_is_the_clock_of_the_time_zone_that_counts() -> None:
    assert runs("0 7 * * *", "2030-03-30T12:00:00+01:00", 2) == ["2030-03-31T07:00+02:00", "2030-04-01T07:00+02:00"]
    assert runs("0 7 * * *", "2030-03-30T12:00:00+01:00", 1, "UTC") == ["2030-03-31T07:00+00:00"]


def test_a_time_that_does_not_exist_is_made_up_for() -> None:
    assert runs("30 2 * * *", "2030-03-30T12:00:00+01:00", 2) == ["2030-03-31T03:30+02:00", "2030-04-01T02:30+02:00"]


def test_a_time_that_comes_twice_counts_once() -> None:
    assert runs("30 2 * * *", "2030-10-26T12:00:00+02:00", 2) == ["2030-10-27T02:30+02:00", "2030-10-28T02:30+01:00"]


def test_what_runs_every_hour_runs_in_the_hour_that_comes_twice() -> None:
    assert runs("0 * * * *", "2030-10-27T01:30:00+02:00", 3) == [
        "2030-10-27T02:00+02:00",
        "2030-10-27T02:00+01:00",
        "2030-10-27T03:00+01:00",
    ]
    assert runs("0 * * * *", "2030-03-31T01:30:00+01:00", 2) == ["2030-03-31T03:00+02:00", "2030-03-31T04:00+02:00"]


FIELDS = st.tuples(
    st.sampled_from(["*", "*/7", "0", "30", "59", "5-10", "1,31"]),
    st.sampled_from(["*", "*/2", "0", "2", "3", "23", "1-4"]),
    st.sampled_from(["*", "1", "31", "*/10"]),
    st.sampled_from(["*", "3", "10", "1-6"]),
    st.sampled_from(["*", "0", "1-5", "SUN"]),
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
MOMENTS = st.datetimes(datetime(2029, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))


@given(FIELDS.map(" ".join), ZONES, MOMENTS)
def test_the_next_run_is_later_and_there_is_none_before_it(cron: str, time_zone: str, after: datetime) -> None:
    first = next_run(cron, time_zone, after)
    assert first > after
    # From any moment in between it is the same one.
    assert next_run(cron, time_zone, after + (first - after) / 2) == first
    second = next_run(cron, time_zone, first)
    assert second - first >= timedelta(minutes=1)


@given(st.integers(0, 23), st.integers(0, 59), ZONES, MOMENTS)
def test_what_runs_once_a_day_does_so_on_every_day(hour: int, minute: int, time_zone: str, after: datetime) -> None:
    zone, moment = ZoneInfo(time_zone), next_run(f"{minute} {hour} * * *", time_zone, after)
    for _ in range(3):
        following = next_run(f"{minute} {hour} * * *", time_zone, moment)
        assert following.astimezone(zone).date() - moment.astimezone(zone).date() == timedelta(days=1)
        moment = following


@pytest.mark.parametrize("start", ["2030-02-28T12:00:00+00:00", "2031-01-01T00:00:00+00:00"])
def test_a_day_that_few_years_have_is_found(start: str) -> None:
    assert runs("0 0 29 2 *", start, 1, "UTC") == ["2032-02-29T00:00+00:00"]
