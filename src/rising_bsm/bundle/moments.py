"""When a plugin runs without being asked: which events there are, and what a schedule may say."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo

from croniter import croniter
from pydantic import AfterValidator, Field

READ_FOR: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"{entity}.{deed}": f"{entity}.read"
            for entity in ("customers", "appointments", "requests")
            for deed in ("create", "update", "delete")
        },
        "appointment.status_changed": "appointments.read",
        "request.converted": "requests.read",
        "user.logged_in": "users.read",
    }
)
"""The events of the host, each with the permission that whoever listens to it needs."""

_CUSTOM = r"[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*:[a-z][a-z0-9_]*"


def _event(name: str) -> str:
    if name in READ_FOR or re.fullmatch(_CUSTOM, name):
        return name
    raise ValueError(f"must be {', '.join(READ_FOR)}, or publisher.name:topic of a plugin, such as acme.loyalty:level")


def _cron(text: str) -> str:
    # Random and hashed times, names like @daily and a sixth field for seconds are this library's own.
    fields = text.split(" ")
    if len(fields) != 5 or not all(re.fullmatch(r"[0-9A-Za-z*/,#-]+", field) for field in fields):
        raise ValueError("must be five fields, minute to day of the week, at most once a minute, such as 0 7 * * 1-5")
    others = re.search(r"[RH]", re.sub("MAR|APR|THU|FRI", "", text.upper()))
    # Strict: days that no month has are refused as well.
    if others or not croniter.is_valid(text, strict=True):  # type: ignore[no-untyped-call]  # half of the library is
        raise ValueError("must be times that there are, such as 0 7 * * 1-5 for seven o'clock from Monday to Friday")
    return text


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError):
        raise ValueError("must be a time zone, such as Europe/Berlin or UTC") from None
    return name


EventName = Annotated[str, Field(max_length=160, description="What is listened to."), AfterValidator(_event)]
Cron = Annotated[str, Field(max_length=100, description="Five fields of cron."), AfterValidator(_cron)]
TimeZone = Annotated[str, Field(max_length=60, description="An IANA name."), AfterValidator(_time_zone)]
