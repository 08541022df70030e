"""Time travel: what a licence allows, at every moment, whatever somebody does with the clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.licensing import Clock, Licence, LicenceState, LicenceType, Standing, standing
from rising_bsm.licensing.states import steps_of
from support.licences import START, make_licence

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


def at(after: timedelta, *, licence: Licence | None = None, refused: str | None = None) -> Standing:
    """How the licence stands so long after it was issued, if the clock was always right."""
    licence = licence or make_licence()
    moment = licence.issued_at + after
    return standing(licence, Clock(moment, moment), refused)


def shown(found: Standing) -> tuple[str, str, int | None]:
    return found.state.value, found.code, found.days_left


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(0), ("ok", "VALID", None)),
        (12 * HOUR - SECOND, ("ok", "VALID", None)),
        (12 * HOUR, ("renew_due", "VALID", None)),
        (DAY - SECOND, ("renew_due", "VALID", None)),
        (DAY, ("grace", "OVERDUE", 7)),
        (DAY + SECOND, ("grace", "OVERDUE", 7)),
        (2 * DAY, ("grace", "OVERDUE", 6)),
        (8 * DAY - SECOND, ("grace", "OVERDUE", 1)),
        (8 * DAY, ("restricted", "HEARTBEAT_DEAD", 30)),
        (38 * DAY - SECOND, ("restricted", "HEARTBEAT_DEAD", 1)),
        (38 * DAY, ("stopped", "HEARTBEAT_DEAD", 0)),
        (400 * DAY, ("stopped", "HEARTBEAT_DEAD", 0)),
    ],
)
def test_without_a_network_a_licence_goes_through_its_states(after: timedelta, expected: tuple[str, str, int]) -> None:
    assert shown(at(after)) == expected


@pytest.mark.parametrize(
    ("kind", "after", "expected"),
    [
        ("basic", timedelta(0), ("ok", "VALID", 3)),
        ("basic", 3 * DAY - SECOND, ("grace", "OVERDUE", 1)),
        ("basic", 3 * DAY, ("restricted", "EXPIRED", 30)),
        ("basic", 33 * DAY, ("stopped", "EXPIRED", 0)),
        ("trial", 3 * DAY, ("restricted", "EXPIRED", 7)),
        ("trial", 10 * DAY - SECOND, ("restricted", "EXPIRED", 1)),
        ("trial", 10 * DAY, ("stopped", "EXPIRED", 0)),
    ],
)
def test_an_expired_licence_reads_for_a_while(kind: str, after: timedelta, expected: tuple[str, str, int]) -> None:
    licence = make_licence(type=LicenceType(kind), expires_at=START + 3 * DAY)

    assert shown(at(after, licence=licence)) == expected


def test_a_fresh_file_of_an_expired_licence_allows_no_more_than_reading() -> None:
    licence = make_licence(expires_at=START - 5 * DAY)

    assert shown(at(timedelta(0), licence=licence)) == ("restricted", "EXPIRED", 25)


@pytest.mark.parametrize("code", ["SUSPENDED", "BANNED"])
def test_suspended_and_revoked_stop_at_once(code: str) -> None:
    assert shown(at(timedelta(0), refused=code)) == ("stopped", code, 0)


@pytest.mark.parametrize(
    "code", ["NO_MACHINE", "TOO_MANY_MACHINES", "FINGERPRINT_SCOPE_MISMATCH", "NOT_FOUND", "SOMETHING_NEW"]
)
def test_every_other_refusal_lets_the_plugin_read(code: str) -> None:
    assert shown(at(timedelta(0), refused=code)) == ("restricted", code, 38)
    assert at(38 * DAY, refused=code).state is LicenceState.STOPPED


def test_a_marketplace_may_end_a_licence_before_its_file_says_so() -> None:
    licence = make_licence(expires_at=START + 300 * DAY)

    assert shown(at(HOUR, licence=licence, refused="EXPIRED")) == ("restricted", "EXPIRED", 31)
    assert at(31 * DAY, licence=licence, refused="EXPIRED").state is LicenceState.STOPPED


@pytest.mark.parametrize("back", [SECOND, HOUR, 23 * HOUR, 24 * HOUR])
def test_a_clock_that_is_set_back_a_little_wins_and_loses_nothing(back: timedelta) -> None:
    licence, highest = make_licence(), START + 3 * DAY

    found = standing(licence, Clock(highest - back, highest))

    assert found == standing(licence, Clock(highest, highest))
    assert found.warnings == ()


@pytest.mark.parametrize("back", [24 * HOUR + SECOND, 3 * DAY, 40 * DAY, 9_000 * DAY])
def test_a_clock_that_is_set_back_further_has_used_up_the_grace(back: timedelta) -> None:
    found = standing(make_licence(), Clock(START + HOUR - back, START + HOUR))

    assert shown(found) == ("restricted", "HEARTBEAT_DEAD", 30)
    assert found.warnings[0].startswith("The clock of this machine was set back by")


def test_who_set_the_clock_back_gets_no_grace_when_it_is_right_again() -> None:
    licence = make_licence()
    clock = Clock(START - 10 * DAY, START + HOUR).observed(licence)

    assert standing(licence, Clock(START + 2 * HOUR, clock.highest)).state is LicenceState.RESTRICTED


def test_a_clock_before_the_file_was_issued_counts_from_then() -> None:
    licence = make_licence()

    assert standing(licence, Clock(START - HOUR, START - HOUR)).state is LicenceState.OK


def test_the_file_of_the_marketplace_counts_more_than_an_old_clock() -> None:
    licence = make_licence()
    stopped = Clock(START + 400 * DAY, START).observed(licence)
    assert standing(licence, stopped).state is LicenceState.STOPPED

    fresh = make_licence(issued_at=START + DAY, seq=2)

    assert standing(fresh, Clock(START + DAY, START + DAY)).state is LicenceState.OK


@pytest.mark.parametrize(
    "issued",
    [
        datetime(2026, 3, 28, 13, tzinfo=UTC),  # a day of 23 hours in Berlin follows
        datetime(2026, 10, 24, 13, tzinfo=UTC),  # one of 25
        datetime(2028, 2, 28, 13, tzinfo=UTC),  # a leap day
        datetime(2027, 2, 28, 13, tzinfo=UTC),  # none
        datetime(2026, 12, 31, 13, tzinfo=UTC),  # another year
        datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2999, 12, 30, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"])
def test_a_day_has_24_hours_in_every_zone_and_season(issued: datetime, zone: str) -> None:
    licence, local = make_licence(issued_at=issued), ZoneInfo(zone)

    def state(after: timedelta, seen: timedelta) -> str:
        return standing(
            licence, Clock((issued + after).astimezone(local), (issued + seen).astimezone(local))
        ).state.value

    assert state(DAY - SECOND, timedelta(0)) == "renew_due"
    assert state(DAY, timedelta(0)) == "grace"
    assert state(8 * DAY - SECOND, DAY) == "grace"
    assert state(8 * DAY, DAY) == "restricted"
    assert state(timedelta(0), DAY) == "grace"
    assert state(-SECOND, DAY) == "restricted"


def test_an_expiry_on_a_leap_day_is_one() -> None:
    licence = make_licence(
        issued_at=datetime(2028, 2, 28, 12, tzinfo=UTC), expires_at=datetime(2028, 2, 29, tzinfo=UTC)
    )

    assert at(12 * HOUR - SECOND, licence=licence).runs
    assert not at(12 * HOUR, licence=licence).runs


def test_what_a_state_says_is_a_sentence() -> None:
    for after in (timedelta(0), 20 * HOUR, 3 * DAY, 20 * DAY, 100 * DAY):
        assert at(after).sentence.endswith(".")
        assert "None" not in at(after).sentence
    assert at(100 * DAY).sentence.endswith("its data is kept.")


moments = st.datetimes(datetime(2001, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC))
spans = st.timedeltas(-500 * DAY, 500 * DAY)
refusals = st.sampled_from([None, "SUSPENDED", "BANNED", "EXPIRED", "NO_MACHINE", "NOT_FOUND"])


@st.composite
def licences(draw: st.DrawFn) -> Licence:
    issued = draw(moments)
    changes: dict[str, Any] = {
        "issued_at": issued,
        "valid_until": issued + draw(st.timedeltas(SECOND, 30 * DAY)),
        "grace_days": draw(st.integers(0, 90)),
        "type": draw(st.sampled_from(LicenceType)),
        "expires_at": draw(st.none() | spans.map(lambda span: issued + span)),
    }
    return make_licence(**changes)


@given(licences(), st.lists(spans, min_size=1, max_size=12), refusals)
def test_without_a_new_file_nothing_ever_gets_better_whatever_the_clock_does(
    licence: Licence, shifts: list[timedelta], refused: str | None
) -> None:
    clock, states = Clock(licence.issued_at, licence.issued_at), []
    for shift in shifts:
        clock = Clock(licence.issued_at + shift, clock.highest).observed(licence)
        states.append(standing(licence, clock, refused).state.rank)

    assert states == sorted(states)


@given(licences(), spans, spans, refusals)
def test_days_are_never_negative_and_states_end_in_the_future(
    licence: Licence, now: timedelta, highest: timedelta, refused: str | None
) -> None:
    clock = Clock(licence.issued_at + now, licence.issued_at + highest)

    found = standing(licence, clock, refused)

    assert found.days_left is None or found.days_left >= 0
    assert (found.until is None) == (found.state is LicenceState.STOPPED)
    assert found.until is None or found.until > clock.observed(licence).highest
    assert (found.days_left == 0) == (found.state is LicenceState.STOPPED)


@given(licences(), spans, refusals)
def test_at_the_end_of_a_state_there_is_a_worse_one(licence: Licence, now: timedelta, refused: str | None) -> None:
    clock = Clock(licence.issued_at + now, licence.issued_at)
    found = standing(licence, clock, refused)

    if found.until is not None:
        after = standing(licence, Clock(found.until, found.until), refused)
        assert after.state.rank > found.state.rank


@given(licences(), refusals)
def test_the_states_come_in_order_and_end_in_stopped(licence: Licence, refused: str | None) -> None:
    steps = steps_of(licence, refused)

    assert steps[0].since is None
    assert steps[-1].state is LicenceState.STOPPED
    for one, next in pairwise(steps):
        assert next.state.rank > one.state.rank
        assert one.since is None or (next.since is not None and next.since > one.since)


@given(licences(), spans, refusals)
def test_looking_twice_changes_nothing(licence: Licence, now: timedelta, refused: str | None) -> None:
    clock = Clock(licence.issued_at + now, licence.issued_at)

    once, twice = standing(licence, clock, refused), standing(licence, clock.observed(licence), refused)

    assert replace(once, warnings=()) == replace(twice, warnings=())
