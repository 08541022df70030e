import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.web.errors import RateLimited
from rising_bsm.web.limits import WINDOW_SECONDS, RateLimit, network_of

STEPS = st.lists(st.tuples(st.floats(0, 90), st.sampled_from("ab")), max_size=60)


@given(STEPS, st.integers(1, 5))
def test_no_window_holds_more_than_the_limit_and_none_is_refused_below_it(
    steps: list[tuple[float, str]], per_minute: int
) -> None:
    now = 0.0
    limit = RateLimit(per_minute, "Too many.", clock=lambda: now)
    taken: dict[str, list[float]] = {"a": [], "b": []}
    for pause, key in steps:
        now += pause
        in_window = [moment for moment in taken[key] if moment > now - WINDOW_SECONDS]
        try:
            limit.count(key)
        except RateLimited as refusal:
            assert len(in_window) == per_minute
            assert now + refusal.retry_after >= in_window[0] + WINDOW_SECONDS  # noqa: PT017
        else:
            assert len(in_window) < per_minute
            taken[key].append(now)


def test_what_is_forgiven_does_not_count() -> None:
    limit = RateLimit(2, "Too many.", clock=lambda: 0.0)
    for _ in range(5):
        limit.count("a")
        limit.forgive("a")
    limit.forgive("never seen")
    limit.count("a")
    limit.count("a")
    with pytest.raises(RateLimited):
        limit.count("a")


def test_it_remembers_a_bounded_number_and_those_that_were_seen_last() -> None:
    limit = RateLimit(1, "Too many.", clock=lambda: 0.0)
    for number in range(30_000):
        limit.count(number)
    assert len(limit._seen) <= 10_000
    with pytest.raises(RateLimited):
        limit.count(29_999)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("somewhere", "somewhere"),
        ("", ""),
    ],
)
def test_a_customer_with_many_addresses_is_one(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.text())
def test_any_address_is_counted_as_something(address: str) -> None:
    assert isinstance(network_of(address), str)
