"""What arguments of host functions are made of: nothing unknown, and every wrong one named."""

import unicodedata
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from rising_bsm.accounts.validation import Input

KEY_BYTES = 512
GREATEST = 2**53 - 1
"""The greatest whole number that every reader of JSON takes for the same one."""


def _id(value: object) -> UUID:
    try:
        return UUID(value) if isinstance(value, str) else UUID("")
    except ValueError:
        raise ValueError("This must be an id, as the host gives it.") from None


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


class OneOf(Arguments):
    """One entity."""

    id: Id
