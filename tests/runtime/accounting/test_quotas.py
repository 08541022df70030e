import pytest

from rising_bsm.runtime import RuntimeLimits
from rising_bsm.runtime.accounting import QuotaExceeded
from rising_bsm.runtime.accounting.quotas import Quotas

PLUGIN = "acme.test"


class Seconds:
    """A clock of seconds that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def make_quotas(**limits: int) -> tuple[Quotas, Seconds]:
    clock = Seconds()
    return Quotas(RuntimeLimits(**limits), clock), clock  # type: ignore[arg-type]


def test_calls_are_counted_and_one_too_many_is_told_when_to_come_again() -> None:
    quotas, clock = make_quotas(calls_per_minute=3)
    for _ in range(3):
        quotas.begin(PLUGIN)
        clock.now += 10

    with pytest.raises(QuotaExceeded) as caught:
        quotas.begin(PLUGIN)
    assert caught.value.code == "plugin.quota_calls"
    assert caught.value.message == "acme.test has used the 3 calls that it may use in a minute."
    assert caught.value.retry_after == 30

    clock.now += caught.value.retry_after
    quotas.begin(PLUGIN)


def test_fuel_that_is_used_up_stops_the_next_call() -> None:
    quotas, clock = make_quotas(fuel_per_minute=1_000)
    quotas.begin(PLUGIN)
    quotas.burned(PLUGIN, 5_000)

    with pytest.raises(QuotaExceeded, match="1,000 units of fuel") as caught:
        quotas.begin(PLUGIN)
    assert caught.value.code == "plugin.quota_fuel"

    clock.now += 60
    quotas.begin(PLUGIN)


def test_host_functions_are_paid_for_by_their_cost() -> None:
    quotas, clock = make_quotas(cost_per_minute=10)
    quotas.spend(PLUGIN, 5)
    quotas.spend(PLUGIN, 5)

    with pytest.raises(QuotaExceeded) as caught:
        quotas.spend(PLUGIN, 1)
    assert caught.value.code == "plugin.quota_cost"

    clock.now += 60
    quotas.spend(PLUGIN, 1)


def test_a_plugin_that_has_used_up_its_own_takes_nothing_from_another() -> None:
    quotas, _clock = make_quotas(calls_per_minute=1)
    quotas.begin(PLUGIN)
    with pytest.raises(QuotaExceeded):
        quotas.begin(PLUGIN)

    quotas.begin("acme.other")
