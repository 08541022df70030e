"""Native code in the jail: whatever it tries is refused, and it would have worked outside."""

import errno
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from rising_bsm.sandbox.jail import Layer
from support.jail import USERS, run_jailed
from support.jail_attacks import ATTACKS, Attack
from support.jail_world import make_world

AS_ROOT = USERS[0] is None and len(USERS) > 1


@pytest.fixture(scope="module")
def worlds() -> Iterator[dict[int | None, dict[str, Any]]]:
    with ExitStack() as stack:
        yield {user: stack.enter_context(make_world(user)) for user in USERS}


def possible(user: int | None) -> list[Attack]:
    return [attack for attack in ATTACKS if attack.control and (not attack.root or (AS_ROOT and user is None))]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_from_inside_the_jail_kills_the_process(
    attack: Attack, user: int | None, worlds: dict[int | None, dict[str, Any]]
) -> None:
    outcome = run_jailed(attack.code, before=attack.before, user=user, arguments=worlds[user])
    assert outcome.broken is None
    assert Layer.SECCOMP in outcome.on
    assert not outcome.answered
    assert outcome.signal == attack.death


@pytest.mark.parametrize(
    ("attack", "user"),
    [pytest.param(attack, user, id=f"{attack.name}-{user}") for user in USERS for attack in possible(user)],
)
def test_the_same_attack_succeeds_without_the_jail(
    attack: Attack, user: int | None, worlds: dict[int | None, dict[str, Any]]
) -> None:
    outcome = run_jailed(attack.code, before=attack.before, user=user, arguments=worlds[user], layers=())
    if attack.special and (outcome.errno == errno.EPERM or outcome.signal == signal.SIGSEGV):
        pytest.skip("this machine refuses it without any jail")
    assert outcome.raised is None
    assert outcome.answered
    assert not outcome.on
