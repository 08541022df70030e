"""What may be said about submissions."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement

from rising_bsm.accounts.validation import SEVERAL_LINES, Input
from rising_bsm.marketplace.submissions.states import State
from rising_bsm.marketplace.submissions.tables import Submission

Reason = Annotated[str, Field(min_length=1, max_length=2_000), SEVERAL_LINES]


class Verdict(Input):
    """What the operator decides, and why; the publisher reads it."""

    refusal: ClassVar[str] = "submissions.invalid"

    decision: Literal["approve", "request_changes", "reject"]
    reason: Reason


class Listing(Input):
    """Which submissions are listed; `before` is the `next` of the page before."""

    refusal: ClassVar[str] = "submissions.invalid"

    state: State | None = None
    plugin: Annotated[str, Field(max_length=81)] | None = None
    before: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50

    def conditions(self) -> list[ColumnElement[bool]]:
        """What the listed ones have in common."""
        by_state = [Submission.state == self.state] if self.state else []
        return by_state + ([Submission.plugin_id == self.plugin] if self.plugin else [])
