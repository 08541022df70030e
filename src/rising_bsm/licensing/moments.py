"""Moments in signed documents: for each there is exactly one text, in UTC with microseconds."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer

_FIRST, _LAST = 2000, 2999


def as_text(moment: datetime) -> str:
    """The one text of a moment: `2026-11-22T20:15:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _in_utc(moment: datetime) -> datetime:
    # With centuries to spare on both sides nothing that is added to a moment leaves what a datetime can hold.
    try:
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a moment of our times") from error
    if not _FIRST <= moment.year <= _LAST:
        raise ValueError(f"must be a moment of the years {_FIRST} to {_LAST}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc), PlainSerializer(as_text, when_used="json")]
"""A field that is a moment: aware, in UTC, of the years 2000 to 2999."""
