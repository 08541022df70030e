"""How calls went over time: every call counts once, in the part that it is from."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.runtime.accounting.course import FAILED, PARTS, Measured, Period, course
from support.accounting import NOON

PERIODS = st.sampled_from(list(PARTS))
CALLS = st.lists(
    st.builds(
        Measured,
        at=st.timedeltas(min_value=timedelta(days=-9), max_value=timedelta(hours=1)).map(lambda delta: NOON + delta),
        status=st.sampled_from(["ok", "refused", *FAILED]),
        fuel=st.integers(0, 10**9),
        wall_ms=st.floats(0, 30_000),
    ),
    max_size=60,
)


@given(CALLS, PERIODS)
def test_every_call_of_the_period_counts_once_and_no_other(calls: list[Measured], period: Period) -> None:
    count, length = PARTS[period]
    parts = course(calls, period, NOON)
    inside = [call for call in calls if NOON - count * length <= call.at < NOON]

    assert len(parts) == count
    assert sum(part.calls for part in parts) == len(inside)
    assert sum(part.failures for part in parts) == sum(call.status in FAILED for call in inside)
    assert sum(part.fuel for part in parts) == sum(call.fuel for call in inside)


@given(CALLS, PERIODS)
def test_half_of_the_calls_are_as_fast_as_the_middle_one(calls: list[Measured], period: Period) -> None:
    length = PARTS[period][1]
    for part in course(calls, period, NOON):
        walls = [call.wall_ms for call in calls if part.begins <= call.at < part.begins + length]
        if part.p50_ms is None or part.p99_ms is None:
            assert not walls
        else:
            assert min(walls) <= part.p50_ms <= part.p99_ms <= max(walls)
            assert sum(wall <= part.p50_ms for wall in walls) * 2 >= len(walls)


@pytest.mark.parametrize("period", PARTS)
def test_parts_follow_each_other_to_the_end(period: Period) -> None:
    parts, length = course([], period, NOON), PARTS[period][1]
    assert [part.begins for part in parts[1:]] == [part.begins + length for part in parts[:-1]]
    assert parts[-1].begins + length == NOON
