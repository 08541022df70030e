"""What each host function takes: nothing unknown, and every wrong argument named."""

import unicodedata
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from rising_bsm.accounts.validation import Input
from rising_bsm.business.customers import CustomerQuery

KEY_BYTES = 512
GREATEST = 2**53 - 1
"""The greatest whole number that every reader of JSON takes for the same one."""


def _id(value: object) -> UUID:
    try:
        return UUID(value) if isinstance(value, str) else UUID("")
    except ValueError:
        raise ValueError("This must be an id, as customers have one.") from None


def _key(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("This must be Unicode text without control characters.")
    if len(text.encode()) > KEY_BYTES:
        raise ValueError(f"This must have at most {KEY_BYTES} bytes.")
    return text


Id = Annotated[UUID, BeforeValidator(_id)]
Prefix = Annotated[str, AfterValidator(_key)]
Key = Annotated[str, Field(min_length=1), AfterValidator(_key)]


class Arguments(Input):
    """Arguments as they are: no text is trimmed, nothing is converted."""

    model_config = ConfigDict(strict=True, str_strip_whitespace=False)
    refusal: ClassVar[str] = "host.invalid"


class CustomersMatching(CustomerQuery):
    """Which customers; what is about a page does not matter to who counts them."""

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = Arguments.refusal


class CustomerId(Arguments):
    """One customer."""

    id: Id


class CustomerFields(Arguments):
    """A new customer; the fields are those of `CustomerDraft`."""

    fields: dict[str, Any]


class CustomerChanges(Arguments):
    """New values of some of a customer's fields."""

    id: Id
    changes: dict[str, Any]


class StorageKey(Arguments):
    """One entry."""

    key: Key


class StorageEntry(Arguments):
    """An entry and its JSON value."""

    key: Key
    value: Any


class StoragePrefix(Arguments):
    """The entries whose keys start so; all of them if it is empty."""

    prefix: Prefix = ""


class StoragePage(StoragePrefix):
    """As StoragePrefix, the first `limit` of them."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class StorageStep(Arguments):
    """What to add to a whole number."""

    key: Key
    by: Annotated[int, Field(ge=-GREATEST, le=GREATEST)] = 1


class LogEntry(Arguments):
    """A line for the plugin's log."""

    level: Literal["info", "warning", "error"]
    message: str
    details: dict[str, Any] = Field(default={})
