"""What a licence allows at a moment: `ok → renew_due → grace → restricted → stopped`, only a new file leads back.

```
issued_at      half of the lease     valid_until        + grace_days          + 30 days
    │ ok              │ renew_due         │ grace             │ restricted          │ stopped
                                     expires_at: restricted at once, stopped 30 days later (a trial: 7 days)
```

The time that counts is the later of the clock and the highest time ever seen: setting the clock back wins nothing.
One that is set back by more than 24 hours has also used up the grace.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from rising_bsm.licensing.licence import Licence, LicenceType
from rising_bsm.licensing.sentences import days, sentence

READING = timedelta(days=30)
"""How long a plugin may still read, and its data be exported, before it stops."""
READING_AFTER_TRIAL = timedelta(days=7)
TOLERATED = timedelta(hours=24)
"""How far a clock may be set back without being taken for a trick: wrong zones, batteries, summer time."""

VALID, EXPIRED, SUSPENDED, BANNED, OVERDUE = "VALID", "EXPIRED", "SUSPENDED", "BANNED", "OVERDUE"
HEARTBEAT_DEAD, NO_MACHINE, TOO_MANY_MACHINES = "HEARTBEAT_DEAD", "NO_MACHINE", "TOO_MANY_MACHINES"
NOT_FOUND, FINGERPRINT_SCOPE_MISMATCH = "NOT_FOUND", "FINGERPRINT_SCOPE_MISMATCH"
STOPPING = frozenset({SUSPENDED, BANNED})
"""Answers of a marketplace that stop a plugin at once; every other refusal lets it read."""


class LicenceState(StrEnum):
    """From best to worst."""

    OK = "ok"
    RENEW_DUE = "renew_due"
    GRACE = "grace"
    RESTRICTED = "restricted"
    STOPPED = "stopped"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(LicenceState).index(self)


@dataclass(frozen=True)
class Clock:
    """The time as far as it is known: `now` by the clock, `highest` by signed files and all clocks seen before."""

    now: datetime
    highest: datetime

    def observed(self, licence: Licence) -> "Clock":
        """The clock with `highest` brought up to date; to be kept, so that setting the clock back wins nothing."""
        now, floor = self._times(licence)
        if now < floor - TOLERATED:
            # Otherwise a clock that is set back by years would make one file last for years.
            floor = max(floor, _grace_ends(licence))
        return Clock(now, max(floor, now))

    def warnings(self, licence: Licence) -> tuple[str, ...]:
        """That the clock was set back, if it was, and by how much."""
        now, floor = self._times(licence)
        back = days((floor - now) // timedelta(days=1))
        return (f"The clock of this machine was set back by {back}.",) if now < floor - TOLERATED else ()

    def _times(self, licence: Licence) -> tuple[datetime, datetime]:
        # In UTC: Python compares and adds times of one zone by its wall clock, which summer time sets back.
        return self.now.astimezone(UTC), max(self.highest.astimezone(UTC), licence.issued_at)


@dataclass(frozen=True)
class Standing:
    """What a plugin may do now, and for how long.

    `code` is a result code as keygen names them; `until` is when the state gets worse by itself, None for never.
    `days_left` counts the days, a begun one as a whole, that the plugin keeps what it now has: until it is paid for no
    more, the grace ends, or it stops; None for without end. `sentence` is for people, and so are `warnings`, of things
    that change nothing about the state.
    """

    state: LicenceState
    code: str
    until: datetime | None
    days_left: int | None
    sentence: str
    warnings: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether the plugin does everything it was granted."""
        return self.state.rank < LicenceState.RESTRICTED.rank


def standing(licence: Licence, clock: Clock, refused: str | None = None) -> Standing:
    """How the licence stands; `refused` is the code with which the marketplace has declined to renew it, if it has."""
    seen = clock.observed(licence)
    steps = steps_of(licence, refused)
    at = max(index for index, step in enumerate(steps) if step.since is None or step.since <= seen.highest)
    step = steps[at]
    until = steps[at + 1].since if at + 1 < len(steps) else None
    left = _days_left(licence, step.state, until, seen.highest)
    told = sentence(step.state.value, step.code, licence, left)
    return Standing(step.state, step.code, until, left, told, clock.warnings(licence))


@dataclass(frozen=True)
class Step:
    """From `since` on (None: from the beginning) a licence is in this state."""

    since: datetime | None
    state: LicenceState
    code: str


def steps_of(licence: Licence, refused: str | None = None) -> list[Step]:
    """The states that a licence goes through if nothing new comes, from its first to `stopped`, in order of time."""
    half = licence.issued_at + (licence.valid_until - licence.issued_at) / 2
    grace_ends = _grace_ends(licence)
    steps = [
        Step(None, LicenceState.OK, VALID),
        Step(half, LicenceState.RENEW_DUE, VALID),
        Step(licence.valid_until, LicenceState.GRACE, OVERDUE),
        Step(grace_ends, LicenceState.RESTRICTED, HEARTBEAT_DEAD),
        Step(grace_ends + READING, LicenceState.STOPPED, HEARTBEAT_DEAD),
    ]
    if refused in STOPPING:
        return [Step(None, LicenceState.STOPPED, str(refused))]
    if refused is not None:
        steps.append(Step(None, LicenceState.RESTRICTED, refused))
    return _worsening([*steps, *_expiry(licence, refused)])


def _expiry(licence: Licence, refused: str | None) -> list[Step]:
    ends = licence.expires_at
    if refused == EXPIRED:  # which it may be sooner than its last file says
        ends = min(ends or licence.valid_until, licence.valid_until)
    if ends is None:
        return []
    reading = READING_AFTER_TRIAL if licence.type is LicenceType.TRIAL else READING
    return [Step(ends, LicenceState.RESTRICTED, EXPIRED), Step(ends + reading, LicenceState.STOPPED, EXPIRED)]


def _worsening(steps: list[Step]) -> list[Step]:
    kept: list[Step] = []
    for step in sorted(steps, key=lambda step: (step.since is not None, step.since or datetime.min, step.state.rank)):
        if kept and step.state.rank <= kept[-1].state.rank:
            continue
        if kept and kept[-1].since == step.since:
            kept.pop()
        kept.append(step)
    return kept


def _grace_ends(licence: Licence) -> datetime:
    return licence.valid_until + timedelta(days=licence.grace_days)


def _days_left(licence: Licence, state: LicenceState, until: datetime | None, seen: datetime) -> int | None:
    if state is LicenceState.STOPPED:
        return 0
    ends = licence.expires_at if state in (LicenceState.OK, LicenceState.RENEW_DUE) else until
    return None if ends is None else max(0, -((seen - ends) // timedelta(days=1)))
