"""What may be written into a customer, and what may be asked of the customers."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from rising_bsm.accounts.validation import NULL_IS_EMPTY, ONE_LINE, SEVERAL_LINES, Email, Input
from rising_bsm.business.countries import COUNTRY_CODES
from rising_bsm.business.fields import Draft
from rising_bsm.business.listing import Limit, Offset

Type = Literal["private", "business"]
Status = Literal["active", "inactive", "lead"]
# fmt: off
Sort = Literal[
    "name", "email", "company", "city", "created_at", "updated_at",
    "-name", "-email", "-company", "-city", "-created_at", "-updated_at",
]
# fmt: on


def _country_code(text: str) -> str:
    if text and text.upper() not in COUNTRY_CODES:
        raise ValueError("This must be a country code of two letters from ISO 3166, such as DE.")
    return text.upper()


def _without_repetitions(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


_Tag = Annotated[str, Field(min_length=1, max_length=40), ONE_LINE]


class CustomerDraft(Draft):
    """A customer as people may write one: the edge that every customer passes before it is stored."""

    refusal: ClassVar[str] = "customers.invalid"

    name: Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]
    email: Email
    company: Annotated[str, Field(max_length=200), ONE_LINE, NULL_IS_EMPTY] = ""
    phone: Annotated[str, Field(max_length=40), ONE_LINE, NULL_IS_EMPTY] = ""
    address: Annotated[str, Field(max_length=200), ONE_LINE, NULL_IS_EMPTY] = ""
    postal_code: Annotated[str, Field(max_length=20), ONE_LINE, NULL_IS_EMPTY] = ""
    city: Annotated[str, Field(max_length=100), ONE_LINE, NULL_IS_EMPTY] = ""
    country: Annotated[str, ONE_LINE, AfterValidator(_country_code), NULL_IS_EMPTY] = ""
    type: Type = "private"
    status: Status = "active"
    newsletter: bool = False
    tags: Annotated[list[_Tag], Field(max_length=20), AfterValidator(_without_repetitions)] = Field(default=[])
    notes: Annotated[str, Field(max_length=10_000), SEVERAL_LINES, NULL_IS_EMPTY] = ""


class CustomerQuery(Input):
    """Which customers, in which order, how many. Text as it comes in a URL is understood (`limit="20"`).

    `search` is looked for in name, e-mail, company, phone and city, whatever the case; the others must be equal.
    """

    refusal: ClassVar[str] = "customers.invalid_query"

    search: Annotated[str, Field(max_length=200), ONE_LINE] | None = None
    status: Status | None = None
    type: Type | None = None
    city: Annotated[str, Field(max_length=100), ONE_LINE] | None = None
    country: Annotated[str, ONE_LINE, AfterValidator(_country_code)] | None = None
    tag: Annotated[str, Field(max_length=40), ONE_LINE] | None = None
    newsletter: bool | None = None
    sort: Sort = "name"
    limit: Limit = 50
    offset: Offset = 0
