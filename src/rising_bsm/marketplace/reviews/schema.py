"""What may be said about a plugin, and by whom."""

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from rising_bsm.accounts.validation import ONE_LINE, SEVERAL_LINES, Input
from rising_bsm.bundle.fields import PluginId
from rising_bsm.business.fields import Reference
from rising_bsm.marketplace.instances.schema import Asked

Stars = Annotated[int, Field(ge=1, le=5)]


class Reviewer(Asked):
    """Somebody who says something; `user` is a pseudonym in hex that their instance has made of them."""

    refusal: ClassVar[str] = "review.invalid"

    plugin: PluginId
    user: Annotated[str, Field(pattern="^[0-9a-f]{16,64}$")]


class ReviewDraft(Reviewer):
    """What one person says."""

    name: Annotated[str, Field(min_length=1, max_length=80), ONE_LINE]
    stars: Stars
    text: Annotated[str, Field(max_length=4000), SEVERAL_LINES] = ""


class ReportDraft(Asked):
    """What is wrong with a review, by its id."""

    refusal: ClassVar[str] = "review.invalid"

    review: Annotated[str, Field(pattern="^[0-9a-f-]{36}$")]
    reason: Annotated[str, Field(min_length=1, max_length=500), SEVERAL_LINES]


class _Given(Input):
    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = "review.invalid"


class Reply(_Given):
    """What the publisher answers; empty text takes an answer back."""

    text: Annotated[str, Field(max_length=4000), SEVERAL_LINES]


class Moderation(_Given):
    """Why a review is hidden."""

    reason: Annotated[str, Field(min_length=1, max_length=500), SEVERAL_LINES]


class ReviewQuery(Input):
    """Which reviews, and how many at once. Text as it comes in a URL is understood (`limit="20"`)."""

    refusal: ClassVar[str] = "review.invalid_query"

    stars: Stars | None = None
    hidden: Literal["true", "false"] = "false"
    cursor: Reference | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
