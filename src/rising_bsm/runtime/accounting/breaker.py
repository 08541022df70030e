"""A breaker: what keeps failing is left alone for a while, then tried once, then let in again or left alone for longer.

Pure: it is told the time, in seconds, and what became of the calls.
"""

from dataclasses import dataclass
from enum import Enum

from rising_bsm.runtime.window import Window

PAUSES_SECONDS = (30.0, 120.0, 600.0, 3_600.0)
"""After it has opened once, twice, and so on; after one more the plugin is given up."""
IN_A_ROW = 5
SHARE, OF_AT_LEAST, WINDOW_SECONDS = 0.5, 20, 300.0
"""It opens when so many calls in a row fail, or this share of at least so many calls within five minutes."""
FORGIVEN_AFTER_SECONDS = 3_600.0
"""What has worked for this long since its last pause begins anew with the shortest."""


class Verdict(Enum):
    """What a call says about the plugin: it works, it does not, or nothing."""

    WORKED = "worked"
    FAILED = "failed"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Ticket:
    """Leave to call; the one `trial` after a pause decides what comes next."""

    trial: bool = False


class Breaker:
    """The breaker of one entry of a plugin: closed, open `until` a moment, or waiting for the end of its trial.

    `openings` counts how often it has opened without having worked for an hour since, `changed` is when it opened or
    closed last.
    """

    def __init__(self, openings: int = 0, until: float | None = None, changed: float = 0.0) -> None:
        self.openings = openings
        self.until = until
        self.changed = changed
        self._on_trial = False
        self._in_a_row = 0
        self._calls, self._failures = Window(WINDOW_SECONDS), Window(WINDOW_SECONDS)

    @property
    def is_open(self) -> bool:
        """Whether it lets nothing through, or one trial."""
        return self.until is not None

    @property
    def worn_out(self) -> bool:
        """Whether it has opened more often than there are pauses."""
        return self.openings > len(PAUSES_SECONDS)

    def begin(self, now: float) -> Ticket | None:
        """Leave to call, None if there is none."""
        if self.until is None:
            return Ticket()
        if now < self.until or self._on_trial:
            return None
        self._on_trial = True
        return Ticket(trial=True)

    def seconds_left(self, now: float) -> float:
        """How long to wait before asking again."""
        return max(1.0, (self.until or 0.0) - now)

    def end(self, ticket: Ticket, verdict: Verdict, now: float) -> bool:
        """The call is over; whether the breaker has opened or closed because of it."""
        if ticket.trial:
            return self._tried(verdict, now)
        if self.until is not None or verdict is Verdict.NOTHING:
            # Calls that began before it opened say nothing new.
            return False
        self._count(verdict, now)
        if self._too_many(now):
            self._open(now)
            return True
        return False

    def reset(self, now: float) -> None:
        """It is as if nothing had ever failed."""
        self._close(now)
        self.openings = 0

    def _tried(self, verdict: Verdict, now: float) -> bool:
        self._on_trial = False
        if self.until is None or verdict is Verdict.NOTHING:
            return False
        if verdict is Verdict.FAILED:
            self._open(now)
        else:
            self._close(now)
        return True

    def _count(self, verdict: Verdict, now: float) -> None:
        failed = verdict is Verdict.FAILED
        self._in_a_row = self._in_a_row + 1 if failed else 0
        self._calls.add(now)
        if failed:
            self._failures.add(now)

    def _too_many(self, now: float) -> bool:
        if self._in_a_row == 0:
            return False
        calls = self._calls.total(now)
        return self._in_a_row >= IN_A_ROW or (calls >= OF_AT_LEAST and self._failures.total(now) >= calls * SHARE)

    def _open(self, now: float) -> None:
        if self.until is None and now - self.changed >= FORGIVEN_AFTER_SECONDS:
            self.openings = 0
        self.openings += 1
        self.until = now + PAUSES_SECONDS[min(self.openings, len(PAUSES_SECONDS)) - 1]
        self.changed = now

    def _close(self, now: float) -> None:
        self.until, self.changed = None, now
        self._in_a_row = 0
        self._calls, self._failures = Window(WINDOW_SECONDS), Window(WINDOW_SECONDS)
