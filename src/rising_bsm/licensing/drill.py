"""A drill: what will happen to a licence, and when, if the network, the clock or the host do something. Pure.

It asks the same functions as a running instance does, so it cannot tell another story.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rising_bsm.licensing.licence import LEASE, Licence
from rising_bsm.licensing.moments import as_text
from rising_bsm.licensing.sentences import days
from rising_bsm.licensing.states import Clock, LicenceState, Standing, standing, steps_of

BEAT = timedelta(hours=1)
"""How long it takes at most until a marketplace that can be reached renews a licence."""
_A_LITTLE = timedelta(microseconds=1)


@dataclass(frozen=True)
class Trouble:
    """What happens right after the licence was activated: no network for so long, the clock set by so much, a move."""

    offline: timedelta = timedelta(0)
    clock: timedelta = timedelta(0)
    move_host: bool = False


@dataclass(frozen=True)
class Moment:
    """What happens at a time (the true one), and how the licence stands from then on."""

    at: datetime
    event: str
    standing: Standing

    def as_dict(self) -> dict[str, Any]:
        """The moment as JSON."""
        found = self.standing
        shown = {"state": found.state.value, "code": found.code, "days_left": found.days_left}
        return {"at": as_text(self.at), "event": self.event, **shown, "sentence": found.sentence}


def drill(licence: Licence, trouble: Trouble) -> list[Moment]:
    """What happens from the moment the licence was issued until nothing changes any more, in order of time."""
    return list(_Drill(licence, trouble).moments())


class _Drill:
    def __init__(self, licence: Licence, trouble: Trouble) -> None:
        self._licence = licence
        self._trouble = trouble
        self._shift = timedelta(0)
        self._clock = Clock(licence.issued_at, licence.issued_at)

    def moments(self) -> Iterator[Moment]:
        start, trouble = self._licence.issued_at, self._trouble
        yield self._moment(start, "The licence is activated.")
        if trouble.offline:
            yield self._moment(start, f"The marketplace is not reached from now on, for {_span(trouble.offline)}.")
        if trouble.move_host:
            yield self._moment(start, "The instance moves to another host with its database: a warning, nothing stops.")
        if trouble.clock:
            self._shift = trouble.clock
            direction = "forward" if trouble.clock > timedelta(0) else "back"
            yield self._moment(start, f"The clock is set {direction} by {_span(abs(trouble.clock))}.")
        back = start + (trouble.offline or (BEAT if trouble.clock else timedelta(0)))
        if back > start:
            yield from self._until(start, back)
            yield self._renewed(back)
        yield from self._to_the_end(back)

    def _until(self, start: datetime, end: datetime) -> Iterator[Moment]:
        """The states that end on the way, as long as nothing renews the licence."""
        for step in steps_of(self._licence):
            if step.since is None:
                continue
            true_time = step.since - self._shift
            if start < true_time < end:
                before = self._look(true_time - _A_LITTLE).state
                if self._look(true_time).state is not before:
                    yield self._moment(true_time, _TURNS[step.state])

    def _renewed(self, at: datetime) -> Moment:
        expires = self._licence.expires_at
        if expires is not None and expires < at:
            return self._moment(at, "The marketplace is reached again; it does not renew what has expired.")
        fresh = {"issued_at": at, "valid_until": at + LEASE, "seq": self._licence.seq + 1}
        self._licence = self._licence.model_copy(update=fresh)
        # The marketplace's clock is believed, and how far ours is off is known from now on.
        self._shift, self._clock = timedelta(0), Clock(at, at)
        return self._moment(at, "The marketplace is reached again and renews the licence.")

    def _to_the_end(self, start: datetime) -> Iterator[Moment]:
        """What no heartbeat can prevent: the end of what was paid for."""
        if self._licence.expires_at is None:
            return
        lease = {"issued_at": start, "valid_until": max(start, self._licence.expires_at) + 2 * LEASE}
        self._licence = self._licence.model_copy(update=lease) if self._shift == timedelta(0) else self._licence
        for step in steps_of(self._licence):
            if step.since is not None and step.state.rank >= LicenceState.RESTRICTED.rank:
                true_time = step.since - self._shift
                if true_time > start and self._look(true_time - _A_LITTLE).state is not step.state:
                    yield self._moment(true_time, _TURNS[step.state])

    def _moment(self, at: datetime, event: str) -> Moment:
        return Moment(at.replace(microsecond=0), event, self._look(at))

    def _look(self, at: datetime) -> Standing:
        self._clock = replace(self._clock, now=at + self._shift).observed(self._licence)
        return standing(self._licence, self._clock)


_TURNS = {
    LicenceState.OK: "All is well.",
    LicenceState.RENEW_DUE: "The licence is due to be renewed.",
    LicenceState.GRACE: "The licence file has run out; the days of grace begin.",
    LicenceState.RESTRICTED: "The plugin may only read; exports work, and so does everything of the host.",
    LicenceState.STOPPED: "The plugin stops; its data stays, and the host works on.",
}


def _span(span: timedelta) -> str:
    hours = span // timedelta(hours=1)
    return days(hours // 24) if hours % 24 == 0 else f"{hours:,} hours"
