"""What may be written into a service request, and what may be asked of the service requests."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from rising_bsm.accounts.validation import NULL_IS_EMPTY, ONE_LINE, SEVERAL_LINES, Email, Input
from rising_bsm.business.fields import Draft, Reference
from rising_bsm.business.listing import Limit, Offset

Status = Literal["new", "in_progress", "completed", "cancelled"]
Sort = Literal["created_at", "updated_at", "-created_at", "-updated_at"]


class Submission(Draft):
    """What a visitor of the business's website may write, who is nobody we know."""

    refusal: ClassVar[str] = "requests.invalid"

    name: Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]
    email: Email
    phone: Annotated[str, Field(max_length=40), ONE_LINE, NULL_IS_EMPTY] = ""
    service: Annotated[str, Field(max_length=200), ONE_LINE, NULL_IS_EMPTY] = ""
    message: Annotated[str, Field(max_length=10_000), SEVERAL_LINES, NULL_IS_EMPTY] = ""


class RequestDraft(Submission):
    """A service request as people who work here may write one."""

    source: Annotated[str, Field(max_length=100), ONE_LINE, NULL_IS_EMPTY] = ""
    status: Status = "new"
    assignee_id: Reference | None = None
    customer_id: Reference | None = None
    appointment_id: Reference | None = None


class Conversion(Input):
    """What a service request becomes: a customer, an appointment, or both.

    `customer` holds fields of a new customer beside name, e-mail and phone, which are those of the request unless they
    are sent; a customer who has the e-mail address already is taken as they are. `customer_id` names one instead.
    `appointment` holds the fields of an appointment with that customer; its title is the service unless one is sent.
    `status` is the state the request is in afterwards.
    """

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = "requests.invalid"

    customer: dict[str, Any] | None = None
    customer_id: Reference | None = None
    appointment: dict[str, Any] | None = None
    status: Status = "completed"


class RequestQuery(Input):
    """Which service requests, in which order, how many. Text as it comes in a URL is understood (`limit="20"`).

    `search` is looked for in name, e-mail, phone, service and message, whatever the case; the others must be equal.
    """

    refusal: ClassVar[str] = "requests.invalid_query"

    search: Annotated[str, Field(max_length=200), ONE_LINE] | None = None
    status: Status | None = None
    assignee_id: Reference | None = None
    customer_id: Reference | None = None
    appointment_id: Reference | None = None
    sort: Sort = "-created_at"
    limit: Limit = 50
    offset: Offset = 0
