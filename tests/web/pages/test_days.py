from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.business.appointments import Appointment
from rising_bsm.web.pages.appointments.days import Shown, View, days_touched, entries_by_day

# Days begin at one, end at midnight twice, or are left out here.
ODD = ("America/Sao_Paulo", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia", "America/St_Johns")
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})) | st.sampled_from(ODD)
STARTS = st.integers(100_000_000, 7_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def an_appointment(starts_at: str, minutes: int) -> Appointment:
    one = Appointment()
    one.change({"starts_at": datetime.fromisoformat(starts_at), "duration_minutes": minutes})
    return one


def changes_of(zone: str) -> list[datetime]:
    """The hours in which the clocks of a zone are changed, of some years."""
    begin, end = datetime(1986, 1, 1, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC)
    hours = [begin + timedelta(hours=6 * number) for number in range(int((end - begin) / timedelta(hours=6)))]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [hour for hour, one, other in zip(hours, offsets, offsets[1:], strict=False) if one != other]


def lived_through(starts: datetime, minutes: int, zone: str) -> list[date]:
    """The days a clock shows that is looked at every minute."""
    local = ZoneInfo(zone)
    moments = [starts + timedelta(minutes=number) for number in range(minutes)]
    last = starts + timedelta(minutes=minutes, microseconds=-1)
    return sorted({moment.astimezone(local).date() for moment in [*moments, last]})


@given(starts=STARTS, minutes=st.integers(1, 3000), zone=ZONES)
def test_an_appointment_touches_the_days_it_lasts_through(starts: datetime, minutes: int, zone: str) -> None:
    assert days_touched(starts, starts + timedelta(minutes=minutes), zone) == lived_through(starts, minutes, zone)


@pytest.mark.parametrize("zone", ODD)
def test_so_where_clocks_are_changed_at_midnight(zone: str) -> None:
    for change in changes_of(zone):
        for before, minutes in ((600, 1400), (1, 10), (30, 60), (1500, 3000)):
            starts = change + timedelta(hours=3, minutes=-before)
            found = days_touched(starts, starts + timedelta(minutes=minutes), zone)
            assert found == lived_through(starts, minutes, zone), (starts, minutes)


@given(
    starts=st.lists(STARTS, max_size=5),
    minutes=st.integers(1, 10_080),
    zone=ZONES,
    view=st.sampled_from(["month", "week"]),
    first=st.integers(0, 6),
)
def test_every_appointment_is_on_exactly_the_days_it_touches(
    starts: list[datetime], minutes: int, zone: str, view: View, first: int
) -> None:
    appointments = [an_appointment(start.isoformat(), minutes) for start in starts]
    around = (starts or [datetime(2026, 11, 23, tzinfo=UTC)])[0].date()
    days = [day for week in Shown(view, around, first).weeks for day in week]

    found = entries_by_day(appointments, days, zone)

    assert list(found) == days
    for one in appointments:
        touched = days_touched(one.starts_at, one.ends_at, zone)
        on = [day for day, entries in found.items() if any(entry.appointment is one for entry in entries)]
        assert on == [day for day in days if day in touched]
    for entries in found.values():
        assert [entry.appointment.starts_at for entry in entries] == sorted(e.appointment.starts_at for e in entries)


@given(
    day=st.dates(date(1972, 1, 1), date(2198, 12, 31)), first=st.integers(0, 6), view=st.sampled_from(["month", "week"])
)
def test_a_view_shows_whole_weeks_around_its_day(day: date, first: int, view: View) -> None:
    shown = Shown(view, day, first)
    days = [day for week in shown.weeks for day in week]

    assert day in days
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert all(len(week) == 7 and week[0].weekday() == first for week in shown.weeks)
    assert len(shown.weeks) == 1 if view == "week" else 4 <= len(shown.weeks) <= 6
    assert Shown(view, shown.after, first).before.isocalendar()[:2] == day.isocalendar()[:2] or view == "month"
    assert shown.before < day < shown.after


def test_an_appointment_over_midnight_has_its_begin_on_one_day_and_its_end_on_the_next() -> None:
    days = [date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24)]
    over = an_appointment("2026-11-22T22:00:00+01:00", 180)
    until = an_appointment("2026-11-23T22:00:00+01:00", 120)

    found = entries_by_day([over, until], days, "Europe/Berlin")

    assert [(bool(entry.begins), bool(entry.ends)) for entry in found[days[0]]] == [(True, False)]
    assert [(bool(entry.begins), bool(entry.ends)) for entry in found[days[1]]] == [(False, True), (True, True)]
    assert found[days[2]] == []


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-13-01", "0001-01-01", "9999-12-31", "-1"])
def test_what_is_no_day_is_today(day: str) -> None:
    today = date(2026, 11, 23)
    assert Shown.of("year", day, today, 0) == Shown("month", today, 0)
