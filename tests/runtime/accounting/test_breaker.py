"""The breaker, against what a simple observer would have it do."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rising_bsm.runtime.accounting.breaker import (
    FORGIVEN_AFTER_SECONDS,
    IN_A_ROW,
    PAUSES_SECONDS,
    Breaker,
    Ticket,
    Verdict,
)

NOW = 1_000_000.0


class Breaking(RuleBasedStateMachine):
    """Calls begin and end in any order while time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.now = Breaker(changed=NOW), NOW
        self.running: list[Ticket] = []
        self.since_closed: list[Verdict] = []

    @rule()
    def begin(self) -> None:
        was_open, until = self.breaker.is_open, self.breaker.until
        on_trial = any(ticket.trial for ticket in self.running)
        ticket = self.breaker.begin(self.now)
        if not was_open:
            assert ticket == Ticket(trial=False)
        elif until is not None and (self.now < until or on_trial):
            assert ticket is None
        else:
            assert ticket == Ticket(trial=True)
        if ticket is not None:
            self.running.append(ticket)

    @rule(place=st.integers(0, 50), verdict=st.sampled_from(Verdict))
    def end(self, place: int, verdict: Verdict) -> None:
        if not self.running:
            return
        ticket = self.running.pop(place % len(self.running))
        before, openings = self.breaker.is_open, self.breaker.openings
        changed = self.breaker.end(ticket, verdict, self.now)
        self.check(ticket, verdict, before, openings, changed)

    def check(self, ticket: Ticket, verdict: Verdict, before: bool, openings: int, changed: bool) -> None:
        after = self.breaker.is_open
        if verdict is Verdict.NOTHING:
            assert not changed
            assert (after, self.breaker.openings) == (before, openings)
        elif ticket.trial:
            assert changed
            assert after == (verdict is Verdict.FAILED)
        elif before:
            assert not changed
            assert after
        else:
            self.since_closed.append(verdict)
            if self.since_closed[-IN_A_ROW:] == [Verdict.FAILED] * IN_A_ROW:
                assert after
            if verdict is Verdict.WORKED:
                assert not after
            assert changed == after
        if after and changed:
            assert self.breaker.openings in (openings + 1, 1)
            pause = PAUSES_SECONDS[min(self.breaker.openings, len(PAUSES_SECONDS)) - 1]
            assert self.breaker.until == self.now + pause
        if before and not after:
            self.since_closed = []

    @rule(seconds=st.floats(0, 5_000))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def it_never_opens_without_failures(self) -> None:
        assert self.breaker.openings == 0 or self.breaker.changed >= NOW


TestBreaking = Breaking.TestCase
TestBreaking.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)


def fail(breaker: Breaker, now: float, times: int = IN_A_ROW, verdict: Verdict = Verdict.FAILED) -> None:
    for _ in range(times):
        ticket = breaker.begin(now)
        assert ticket is not None
        breaker.end(ticket, verdict, now)


def test_it_opens_for_longer_each_time_and_is_worn_out_in_the_end() -> None:
    breaker, now = Breaker(), NOW
    fail(breaker, now)
    for pause in (*PAUSES_SECONDS, PAUSES_SECONDS[-1]):
        assert not breaker.worn_out or breaker.openings == len(PAUSES_SECONDS) + 1
        assert breaker.until == now + pause
        assert breaker.begin(now + pause - 1) is None
        now += pause
        fail(breaker, now, 1)
    assert breaker.worn_out


def test_a_trial_that_works_closes_it_and_the_next_pause_is_still_longer() -> None:
    breaker = Breaker()
    fail(breaker, NOW)
    fail(breaker, NOW + PAUSES_SECONDS[0], 1, Verdict.WORKED)
    assert not breaker.is_open

    fail(breaker, NOW + 60)
    assert breaker.until == NOW + 60 + PAUSES_SECONDS[1]


def test_what_worked_for_an_hour_is_forgiven() -> None:
    breaker = Breaker()
    fail(breaker, NOW)
    fail(breaker, NOW + PAUSES_SECONDS[0], 1, Verdict.WORKED)
    later = NOW + PAUSES_SECONDS[0] + FORGIVEN_AFTER_SECONDS
    fail(breaker, later)
    assert (breaker.openings, breaker.until) == (1, later + PAUSES_SECONDS[0])


@pytest.mark.parametrize(("failed", "opens"), [(9, False), (10, True)])
def test_half_of_twenty_are_enough_though_none_fail_in_a_row(failed: int, opens: bool) -> None:
    breaker = Breaker()
    verdicts = [Verdict.WORKED] * (20 - 2 * failed) + [Verdict.WORKED, Verdict.FAILED] * failed
    for number, verdict in enumerate(verdicts):
        fail(breaker, NOW + number, 1, verdict)
    assert breaker.is_open == opens


def test_failures_of_more_than_five_minutes_ago_do_not_count() -> None:
    breaker, now = Breaker(), NOW
    for number in range(60):
        now = NOW + number * 400
        fail(breaker, now, 1, Verdict.FAILED if number % 2 else Verdict.WORKED)
    assert not breaker.is_open


def test_a_trial_that_says_nothing_leaves_room_for_the_next() -> None:
    breaker = Breaker()
    fail(breaker, NOW)
    after = NOW + PAUSES_SECONDS[0]
    fail(breaker, after, 1, Verdict.NOTHING)
    assert breaker.begin(after) == Ticket(trial=True)
    assert breaker.begin(after) is None
