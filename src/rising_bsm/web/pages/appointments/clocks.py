"""Day and time as the clocks of a place show them, and the moments that are meant."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rising_bsm.accounts.validation import wrong_field
from rising_bsm.business.appointments import AppointmentDraft
from rising_bsm.errors import InvalidInput
from rising_bsm.web.i18n import gettext as _

FIELDS = ("date", "time", "which")
"""The fields of a form that say a moment; `which` is `first` or `second` of a time that comes twice, else empty."""

_FOLDS = {"first": 0, "second": 1}


def fields_of(moment: datetime, zone: str) -> dict[str, str]:
    """What a form shows for this moment, to the second."""
    local = moment.astimezone(ZoneInfo(zone)).replace(microsecond=0, tzinfo=None, fold=0)
    which = list(_FOLDS)[moment.astimezone(ZoneInfo(zone)).fold] if comes_twice(local, zone) else ""
    shown = local.time().isoformat("seconds" if local.second else "minutes")
    return {"date": local.date().isoformat(), "time": shown, "which": which}


def moment_of(given: Mapping[str, str], zone: str) -> datetime:
    """The moment, in UTC, that a form means by `FIELDS` with the clocks of this zone.

    Raises InvalidInput at the field: for what is no day or time, for a time that is left out when clocks are put
    forward, and for one that comes twice when they are put back unless `which` says which one.
    """
    local = local_of(given)
    if not comes_twice(local, zone):
        moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) != local:
            raise _wrong("time", _left_out(local, zone))
        return moment
    if given.get("which") not in _FOLDS:
        raise _wrong("which", _("The clocks are put back then, and this time comes twice. Choose which one is meant."))
    return local.replace(tzinfo=ZoneInfo(zone), fold=_FOLDS[given["which"]]).astimezone(UTC)


def local_of(given: Mapping[str, str]) -> datetime:
    """Day and time of a form, whether or not there is such a moment anywhere. Raises InvalidInput at the field."""
    try:
        day = date.fromisoformat(given.get("date", ""))
    except ValueError:
        raise _wrong("date", _("This must be a day.")) from None
    if day.year not in range(1971, 2200):
        raise _wrong("date", _("This must be a day between 1971 and 2199."))
    try:
        clock = time.fromisoformat(given.get("time", ""))
    except ValueError:
        clock = time(tzinfo=UTC)
    if clock.tzinfo is not None:
        raise _wrong("time", _("This must be a time, such as 14:30."))
    return datetime.combine(day, clock)


def comes_twice(local: datetime, zone: str) -> bool:
    """Whether clocks of this zone show this time twice, as they are put back in between."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    # Where clocks are put forward, the offset becomes larger instead.
    return _offset(first) > _offset(second)


def both(given: Mapping[str, str], zone: str) -> list[tuple[str, str]]:
    """The two that a time of a form may mean, each with what tells it from the other; none when it means one."""
    try:
        local = local_of(given)
    except InvalidInput:
        return []
    if not comes_twice(local, zone):
        return []
    moments = [local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1)]
    labels = _("The first, %(offset)s"), _("The second, %(offset)s")
    told = [label % {"offset": f"UTC{moment.isoformat()[19:]}"} for label, moment in zip(labels, moments, strict=True)]
    return [("", _("Choose …")), *zip(_FOLDS, told, strict=True)]


def midnight(day: date, zone: str) -> datetime:
    """When this day begins there, in UTC; at most a few hours beside it where clocks are changed at midnight."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _left_out(local: datetime, zone: str) -> str:
    instead = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
    sentence = _("There is no %(time)s on this day: the clocks are put forward. It is %(instead)s then.")
    return sentence % {"time": f"{local:%H:%M}", "instead": f"{instead:%H:%M}"}


def _wrong(field: str, sentence: str) -> InvalidInput:
    return wrong_field(field, sentence, code=AppointmentDraft.refusal)
