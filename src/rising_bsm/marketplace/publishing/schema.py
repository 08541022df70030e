"""What publishers say of themselves, and what is said when a version changes."""

from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from rising_bsm.accounts.validation import NULL_IS_EMPTY, ONE_LINE, SEVERAL_LINES, Email, Input
from rising_bsm.bundle.fields import Slug


def _website(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme != "https" or not parts.hostname or parts.username or not text.isascii()):
        raise ValueError("This must be an address that begins with https://.")
    return text


class PublisherDraft(Input):
    """A publisher; every plugin of it is called `name.something`."""

    refusal: ClassVar[str] = "publishers.invalid"

    name: Slug
    display_name: Annotated[str, Field(min_length=1, max_length=80), ONE_LINE]
    website: Annotated[str, Field(max_length=300), ONE_LINE, AfterValidator(_website), NULL_IS_EMPTY] = ""
    email: Email


class KeyDraft(Input):
    """A public key in its text form, and the proof that whoever sends it has the private one."""

    refusal: ClassVar[str] = "publishers.invalid_key"

    public_key: Annotated[str, Field(min_length=1, max_length=200)]
    proof: dict[str, Any]


class KeyRevocation(Input):
    """Why a key signs no more; whether somebody else may have signed with it, `compromised`, must be said."""

    refusal: ClassVar[str] = "publishers.invalid_revocation"

    reason: Annotated[str, Field(min_length=1, max_length=1_000), SEVERAL_LINES]
    compromised: bool


class Change(Input):
    """Why a version changes; `security` says that whoever has an earlier one should not wait."""

    refusal: ClassVar[str] = "versions.invalid"

    reason: Annotated[str, Field(max_length=2_000), SEVERAL_LINES, NULL_IS_EMPTY] = ""
    security: bool = False


class ReasonedChange(Change):
    """As Change, where a reason is owed: whoever has the version is told it."""

    reason: Annotated[str, Field(min_length=1, max_length=2_000), SEVERAL_LINES]
