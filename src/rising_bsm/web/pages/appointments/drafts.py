"""Between the form of an appointment and its draft: what is typed is local and text, what is stored is a moment."""

from collections.abc import Mapping
from typing import Any

from rising_bsm.business.appointments import Appointment, AppointmentDraft
from rising_bsm.errors import Conflict, Error, InvalidInput
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.appointments.clocks import FIELDS, fields_of, moment_of

_TEXTS = ("title", "location", "description", "status")
_REFERENCES = ("customer_id", "assignee_id")
_AT = {"starts_at": "time", "time_zone": "time"}
"""Where the form shows what is wrong with fields that it does not have."""

_SOME_MOMENT = "2000-01-01T00:00:00Z"


class Taken(Conflict):
    """The assignee has something else at this time; said at the field of the time."""

    code = "appointments.overlap"

    def __init__(self, prefix: str = "") -> None:
        step = _("Choose another time or somebody else, or book it anyway.")
        super().__init__(_("This time is taken."), place="time", next_step=step)
        self.fields = {f"{prefix}time": _("The assignee has another appointment at this time.")}


def draft_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The draft that a form means. Raises InvalidInput at the fields of the form, all that are wrong."""
    draft = _without_moment(typed)
    try:
        moment = moment_of(typed, typed["time_zone"])
    except InvalidInput as error:
        raise _together(error, draft) from None
    return draft | {"starts_at": moment.isoformat()}


def changes_of(typed: Mapping[str, str], appointment: Appointment) -> dict[str, Any]:
    """What a form changes of this appointment, which keeps its time zone, and its start to the microsecond unless
    another one was typed. Raises InvalidInput as `draft_of` does."""
    shown = fields_of(appointment.starts_at, typed["time_zone"])
    same = all(typed.get(name, "") == shown[name] for name in FIELDS)
    draft = _without_moment(typed) if same else draft_of(typed)
    return {name: value for name, value in draft.items() if name != "time_zone"}


def typed_of(appointment: Appointment, zone: str) -> dict[str, str]:
    """What the form of an appointment shows, in this time zone."""
    stored = {name: str(value or "") for name, value in appointment.as_draft().items()}
    return stored | fields_of(appointment.starts_at, zone) | {"time_zone": zone, "version": str(appointment.version)}


def at_fields(error: Error, prefix: str = "") -> Error:
    """The error as the form shows it: at its own fields, and in words for people."""
    if error.code == Taken.code:
        return Taken(prefix)
    if not isinstance(error, InvalidInput):
        return error
    fields = {prefix + _AT.get(name, name): sentence for name, sentence in error.fields.items()}
    return InvalidInput(error.message, fields=fields, code=error.code, place=error.place, next_step=error.next_step)


def _without_moment(given: Mapping[str, str]) -> dict[str, Any]:
    draft: dict[str, Any] = {name: given[name] for name in _TEXTS if name in given}
    draft |= {name: given[name] or None for name in _REFERENCES if name in given}
    draft |= {"duration_minutes": _number(given.get("duration_minutes", "")), "time_zone": given["time_zone"]}
    return draft | ({"allow_overlap": True} if given.get("allow_overlap") else {})


def _number(text: str) -> int | str:
    return int(text) if text.strip().isdecimal() and len(text) < 10 else text


def _together(error: InvalidInput, draft: dict[str, Any]) -> InvalidInput:
    """What is wrong with the moment, and with the rest."""
    try:
        AppointmentDraft.of(draft | {"starts_at": _SOME_MOMENT})
    except InvalidInput as rest:
        fields = error.fields | {name: sentence for name, sentence in rest.fields.items() if name != "starts_at"}
        return InvalidInput(rest.message, fields=fields, code=error.code, place=error.place, next_step=error.next_step)
    return error
