"""What may be written as a note, and which notes may be asked for."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field

from rising_bsm.accounts.validation import SEVERAL_LINES, Input
from rising_bsm.business.listing import Limit


class NoteDraft(Input):
    """A note: a text of up to 4,000 characters."""

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = "notes.invalid"

    text: Annotated[str, Field(min_length=1, max_length=4_000), SEVERAL_LINES]


class NoteQuery(Input):
    """At most `limit` notes, those older than the note `before`. Text as it comes in a URL is understood."""

    refusal: ClassVar[str] = "notes.invalid_query"

    limit: Limit = 50
    before: UUID | None = None
