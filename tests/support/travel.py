"""Moving about in time, in tests that store what happens on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

from rising_bsm.db import base

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Other than those of `stopped_clock`, the ids made at several moments differ.
_IDS = count(1)


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Inside, `now` is this moment."""
    token = base._STOPPED.set((moment, _IDS))
    try:
        yield moment
    finally:
        base._STOPPED.reset(token)
