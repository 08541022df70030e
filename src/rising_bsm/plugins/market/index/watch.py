"""What time it is, and what time it was already: setting the clock back makes no index good again that is over."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rising_bsm.db import iso
from rising_bsm.plugins.market.index.errors import ClockSetBack, StateUnusable
from rising_bsm.plugins.market.index.state import State

SEEN = "time.json"
TOLERATED = timedelta(hours=24)
"""How far a clock may be set back without being taken for a trick; for licences it is the same."""
_NOTED = timedelta(minutes=10)


class Watch:
    """Tells the time by `now`, and keeps the latest time that was seen in `state`. Every method visits the disk."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now

    def moment(self) -> datetime:
        """The time now. Raises ClockSetBack if it was later already, by more than is tolerated; StateUnusable."""
        moment, latest = self._now(), _parsed(self._state.get(SEEN))
        if latest is not None and moment < latest - TOLERATED:
            raise ClockSetBack(
                f"The clock of this machine says {iso(moment)}, and it was {iso(latest)} already.",
                place=SEEN,
                next_step="Set the clock right. If it was ahead before by mistake, delete time.json, which is below "
                "marketplace/ in the instance's data.",
            )
        self.saw(moment)
        return moment

    def saw(self, moment: datetime) -> None:
        """It was that time already, somewhere where it is known."""
        self._state.change(SEEN, lambda kept: _later(kept, moment))


def _later(kept: bytes | None, moment: datetime) -> bytes | None:
    latest = _parsed(kept)
    if latest is not None and moment < latest + _NOTED:
        return None
    return json.dumps({"latest": moment.astimezone(UTC).isoformat()}).encode()


def _parsed(kept: bytes | None) -> datetime | None:
    if kept is None:
        return None
    try:
        latest = datetime.fromisoformat(json.loads(kept)["latest"])
        return latest.astimezone(UTC)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise StateUnusable(
            "What time it was already is damaged.",
            place=SEEN,
            next_step="Put the file back from a backup, or delete it: then the clock is believed as at first.",
        ) from error
