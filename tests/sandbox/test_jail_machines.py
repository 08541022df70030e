"""On a machine that lacks something the jail says so, and closes what is left."""

import errno
import os

import pytest

from rising_bsm.sandbox.jail import ALL_LAYERS, JailError, Layer, Strength, require
from rising_bsm.sandbox.jail.machines import MACHINES
from support.jail import USERS, Outcome, run_jailed

NUMBERS = {"x86_64": {"unshare": 272, "prctl": 157}, "aarch64": {"unshare": 97, "prctl": 167}}
SAME = {"landlock_create_ruleset": 444, "pidfd_open": 434, "close_range": 436}
PR_SET_SECCOMP = 22

pytestmark = pytest.mark.skipif(os.uname().machine not in MACHINES, reason="needs a filter to take calls away with")


def run_on_machine_without(name: str, error: int, user: int | None, first_argument: int | None = None) -> Outcome:
    """Run in the jail where the call `name` fails with `error`; if given, only with that first argument."""
    number = (NUMBERS[os.uname().machine] | SAME)[name]
    return run_jailed("result = 1", user=user, without=(number, error, first_argument))


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSPC, errno.EINVAL])
def test_without_namespaces(user: int | None, error: int) -> None:
    outcome = run_on_machine_without("unshare", error, user)
    assert outcome.result == 1
    assert outcome.on >= Strength.STRONG.layers
    assert Layer.NAMESPACES not in outcome.on
    assert os.strerror(error) in outcome.reports[Layer.NAMESPACES].detail
    with pytest.raises(JailError, match="namespaces"):
        require(outcome.reports.values(), Strength.FULL)


@pytest.mark.parametrize("user", USERS)
def test_without_landlock(user: int | None) -> None:
    outcome = run_on_machine_without("landlock_create_ruleset", errno.ENOSYS, user)
    assert outcome.result == 1
    assert outcome.on >= Strength.STRONG.layers
    assert "no Landlock" in outcome.reports[Layer.LANDLOCK].detail


@pytest.mark.parametrize("user", USERS)
def test_without_filters_even_the_weaker_minimum_is_missed(user: int | None) -> None:
    outcome = run_on_machine_without("prctl", errno.EINVAL, user, PR_SET_SECCOMP)
    assert outcome.result == 1
    assert not {Layer.SECCOMP, Layer.EXECUTABLE_MEMORY} & outcome.on
    with pytest.raises(JailError) as caught:
        require(outcome.reports.values(), Strength.STRONG)
    assert caught.value.code == "sandbox.jail_too_weak"
    require(outcome.reports.values(), Strength.NONE)


@pytest.mark.parametrize("name", ["close_range", "pidfd_open"])
def test_an_older_kernel_does_as_well(name: str) -> None:
    outcome = run_on_machine_without(name, errno.ENOSYS, None)
    assert outcome.result == 1
    assert outcome.on >= Strength.STRONG.layers


def test_the_descriptors_are_closed_one_by_one_on_an_older_kernel() -> None:
    layers = ALL_LAYERS - {Layer.SECCOMP}
    outcome = run_jailed(
        "result = 0\nfor fd in range(100):\n try: os.fstat(fd); result += 1\n except OSError: pass",
        before="more = [os.open('/dev/null', os.O_RDONLY) for _ in range(20)]",
        layers=layers,
        without=(SAME["close_range"], errno.ENOSYS, None),
    )
    assert outcome.result == 1
