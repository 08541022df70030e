from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.errors import InvalidInput
from rising_bsm.web.pages.appointments.clocks import both, fields_of, moment_of

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
MOMENTS = st.integers(60_000_000, 7_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def when(date: str, time: str, which: str = "") -> dict[str, str]:
    return {"date": date, "time": time, "which": which}


@given(moment=MOMENTS, zone=ZONES)
def test_what_is_shown_of_a_moment_means_that_moment(moment: datetime, zone: str) -> None:
    assert moment_of(fields_of(moment, zone), zone) == moment


@given(local=st.datetimes(datetime(1972, 1, 1), datetime(2199, 1, 1)), zone=ZONES)
def test_a_time_means_one_moment_or_is_asked_about(local: datetime, zone: str) -> None:
    local = local.replace(microsecond=0)
    given = when(local.date().isoformat(), local.time().isoformat())
    as_utc = local.replace(tzinfo=UTC)
    around = [(as_utc + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).utcoffset() for hour in range(-30, 31)]
    near = {as_utc - offset for offset in around if offset is not None}
    read = {moment for moment in near if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == local}
    if len(read) == 1:
        assert moment_of(given, zone) == read.pop()
        return
    with pytest.raises(InvalidInput) as refusal:
        moment_of(given, zone)
    assert set(refusal.value.fields) == {"which" if read else "time"}


def test_a_time_that_is_left_out_is_refused_with_what_it_is_instead() -> None:
    with pytest.raises(InvalidInput) as refusal:
        moment_of(when("2026-03-29", "02:30"), "Europe/Berlin")
    sentence = "There is no 02:30 on this day: the clocks are put forward. It is 03:30 then."
    assert refusal.value.fields == {"time": sentence}


def test_a_time_that_comes_twice_is_asked_about() -> None:
    twice = when("2026-10-25", "02:30")
    with pytest.raises(InvalidInput) as refusal:
        moment_of(twice, "Europe/Berlin")
    assert set(refusal.value.fields) == {"which"}
    assert both(twice, "Europe/Berlin")[1:] == [("first", "The first, UTC+02:00"), ("second", "The second, UTC+01:00")]
    assert moment_of(twice | {"which": "first"}, "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment_of(twice | {"which": "second"}, "Europe/Berlin") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert both(when("2026-10-25", "03:00"), "Europe/Berlin") == []


@pytest.mark.parametrize(
    ("date", "time", "field"),
    [
        ("", "14:30", "date"),
        ("tomorrow", "14:30", "date"),
        ("2026-02-30", "14:30", "date"),
        ("0001-01-01", "14:30", "date"),
        ("9999-12-31", "14:30", "date"),
        ("2026-11-23", "", "time"),
        ("2026-11-23", "25:00", "time"),
        ("2026-11-23", "14:30+02:00", "time"),
    ],
)
def test_what_is_no_day_or_time_is_refused_at_its_field(date: str, time: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        moment_of(when(date, time), "Europe/Berlin")
    assert set(refusal.value.fields) == {field}
    assert both(when(date, time), "Europe/Berlin") == []
