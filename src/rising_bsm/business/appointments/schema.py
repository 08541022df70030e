"""What may be written into an appointment, and what may be asked of the appointments."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from rising_bsm.accounts.validation import NULL_IS_EMPTY, ONE_LINE, SEVERAL_LINES, Input
from rising_bsm.business.fields import Draft, Moment, Reference, TimeZone
from rising_bsm.business.listing import Limit, Offset

Status = Literal["planned", "confirmed", "completed", "cancelled"]
LONGEST_MINUTES = 7 * 24 * 60
Sort = Literal["starts_at", "created_at", "updated_at", "-starts_at", "-created_at", "-updated_at"]


class AppointmentFields(Draft):
    """What is stored of an appointment."""

    refusal: ClassVar[str] = "appointments.invalid"

    title: Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]
    customer_id: Reference | None = None
    starts_at: Moment
    time_zone: TimeZone = "UTC"
    duration_minutes: Annotated[int, Field(ge=1, le=LONGEST_MINUTES)] = 60
    location: Annotated[str, Field(max_length=200), ONE_LINE, NULL_IS_EMPTY] = ""
    description: Annotated[str, Field(max_length=10_000), SEVERAL_LINES, NULL_IS_EMPTY] = ""
    status: Status = "planned"
    assignee_id: Reference | None = None


class AppointmentDraft(AppointmentFields):
    """An appointment as people may write one.

    With `allow_overlap` it may be at the same time as others of its assignee; that is not stored, but said each time.
    """

    allow_overlap: bool = False


class AppointmentQuery(Input):
    """Which appointments, in which order, how many. Text as it comes in a URL is understood (`limit="20"`).

    They start at `starts_from` or later, and before `starts_before`. `search` is looked for in title, place and
    description, and in what customers are found by.
    """

    refusal: ClassVar[str] = "appointments.invalid_query"

    search: Annotated[str, Field(max_length=200), ONE_LINE] | None = None
    customer_id: Reference | None = None
    assignee_id: Reference | None = None
    status: Status | None = None
    starts_from: Moment | None = None
    starts_before: Moment | None = None
    sort: Sort = "starts_at"
    limit: Limit = 50
    offset: Offset = 0
