"""What may be sent, and what may be asked of what one received."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from rising_bsm.accounts.permissions import Role
from rising_bsm.accounts.validation import NULL_IS_EMPTY, ONE_LINE, SEVERAL_LINES, Input

Level = Literal["info", "success", "warning", "error"]


def _own_path(link: str) -> str:
    # Two slashes, or a backslash that browsers take for one, would lead to another host.
    own = link.startswith("/") and not link.startswith("//") and "\\" not in link
    if link and not (own and link.isascii() and link.isprintable() and " " not in link):
        raise ValueError("This must be a path of this application, such as /customers, or empty.")
    return link


class NotificationDraft(Input):
    """A notification to the user `user_id`, or to everybody of `role`: one of the two."""

    refusal: ClassVar[str] = "notifications.invalid"

    user_id: UUID | None = None
    role: Role | None = None
    title: Annotated[str, Field(min_length=1, max_length=120), ONE_LINE]
    message: Annotated[str, Field(max_length=2_000), SEVERAL_LINES, NULL_IS_EMPTY] = ""
    level: Level = "info"
    link: Annotated[str, Field(max_length=500), AfterValidator(_own_path), NULL_IS_EMPTY] = ""

    @model_validator(mode="after")
    def _to_somebody(self) -> Self:
        if (self.user_id is None) == (self.role is None):
            raise ValueError("This must name either user_id or role, so that it reaches somebody.")
        return self


class NotificationQuery(Input):
    """Which of one's notifications, the newest first. Text as it comes in a URL is understood."""

    refusal: ClassVar[str] = "notifications.invalid_query"

    unread: bool | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
