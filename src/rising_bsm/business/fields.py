"""Fields of drafts that are more than text: moments, time zones, references, and drafts themselves."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer

from rising_bsm.accounts.validation import ONE_LINE, Input
from rising_bsm.db import iso

_EXAMPLE = "2030-01-31T12:00:00Z"
_YEARS = range(1971, 2200)
_NO_PLACES = ("Factory", "localtime", "posix", "right")
"""How names of files begin that lie beside those of time zones."""


class Draft(Input):
    """An entity as people may write one: the edge that every entity passes before it is stored."""

    model_config = ConfigDict(strict=True)

    def as_json(self) -> dict[str, Any]:
        """What hooks are shown."""
        return self.model_dump(mode="json")

    def changes_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """The values of those fields that differ from what was stored (`Entity.as_draft`)."""
        values = self.as_json()
        return {name: getattr(self, name) for name, value in before.items() if values[name] != value}


def _moment(value: object) -> datetime:
    try:
        moment = (
            value if isinstance(value, datetime) else datetime.fromisoformat(value if isinstance(value, str) else "")
        )
    except ValueError:
        raise ValueError(f"This must be a time such as {_EXAMPLE}.") from None
    if moment.tzinfo is None:
        raise ValueError(f"This time needs a time zone, such as the Z in {_EXAMPLE}.")
    # Years at the ends of the calendar have no equivalent in another zone.
    if moment.year not in _YEARS:
        raise ValueError(f"This must be a time between {_YEARS[0]} and {_YEARS[-1]}.")
    return moment


def _id(value: object) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("This must be an id, such as those that lists show.") from None


def _time_zone(name: str) -> str:
    try:
        known = bool(ZoneInfo(name)) and not name.startswith(_NO_PLACES)
    except (KeyError, OSError, ValueError):
        known = False
    if not known:
        raise ValueError("This must be a time zone of the IANA database, such as Europe/Berlin.")
    return name


Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(iso, return_type=str, when_used="json")]
"""ISO 8601 text with a time zone; a `datetime` of that zone."""

Reference = Annotated[UUID, BeforeValidator(_id)]
"""The id of something else, as text."""

TimeZone = Annotated[str, Field(max_length=60), ONE_LINE, AfterValidator(_time_zone)]
"""A name of the IANA time zone database."""
