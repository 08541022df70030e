"""The appointments."""

from typing import ClassVar

from pydantic import ConfigDict

from rising_bsm.business.appointments import AppointmentFields, AppointmentQuery
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.functions.entities import verbs
from rising_bsm.runtime.functions.results import IdText, Moment


class Stored(AppointmentFields):
    """An appointment as it is stored; `local_start` is its start in its time zone, `version` counts the changes."""

    model_config = ConfigDict(title="Appointment")

    id: IdText
    ends_at: Moment
    local_start: Moment
    created_at: Moment
    updated_at: Moment
    version: int


class Matching(AppointmentQuery):
    """Which appointments; what is about a page does not matter to who counts them."""

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = Arguments.refusal


list, count, get, create, update, delete = verbs(lambda business: business.appointments)
