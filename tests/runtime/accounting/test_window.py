from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.runtime.window import Window

steps = st.lists(st.tuples(st.floats(0, 90), st.integers(0, 1_000)), max_size=60)


@given(steps)
def test_what_is_younger_than_a_minute_counts_and_what_is_older_does_not(steps: list[tuple[float, int]]) -> None:
    window, now, added = Window(60.0), 0.0, []
    for pause, amount in steps:
        now += pause
        window.add(now, amount)
        added.append((now, amount))

        young = sum(amount for moment, amount in added if moment > now - 59)
        at_most = sum(amount for moment, amount in added if moment > now - 60.000001)
        assert young <= window.total(now) <= at_most


@given(steps, st.integers(1, 2_000))
def test_it_says_when_there_is_room_again(steps: list[tuple[float, int]], limit: int) -> None:
    window, now = Window(60.0), 0.0
    for pause, amount in steps:
        now += pause
        window.add(now, amount)
    wait = window.seconds_until_below(limit, now)

    assert 0 <= wait <= 60
    assert (wait == 0) == (window.total(now) < limit)
    if wait > 1:
        assert window.total(now + wait - 1) >= limit
    assert window.total(now + wait + 0.000001) < limit
