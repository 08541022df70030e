"""What may be asked of the catalogue."""

from typing import Annotated, ClassVar, Literal

from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, Field

from rising_bsm.accounts.validation import Input
from rising_bsm.bundle.fields import Slug
from rising_bsm.bundle.offer import Category

Sort = Literal["relevance", "installs", "rating", "newest"]


def _version(text: str) -> str:
    try:
        return str(Version(text))
    except InvalidVersion:
        raise ValueError("This must be a version such as 0.3.0.") from None


class MarketQuery(Input):
    """Which plugins, in which order, how many. Text as it comes in a URL is understood (`limit="20"`).

    All words of `q` must be found; the others must be equal, but `host`, which is the version of an instance that the
    plugins must be made for. `cursor` is the `next` of an earlier page of the same search.
    """

    refusal: ClassVar[str] = "catalogue.invalid_query"

    q: Annotated[str, Field(max_length=200)] = ""
    category: Category | None = None
    tag: Slug | None = None
    type: Literal["ui", "api", "automation", "mixed"] | None = None
    pricing: Literal["free", "paid"] | None = None
    publisher: Slug | None = None
    host: Annotated[str, Field(max_length=60), AfterValidator(_version)] | None = None
    sort: Sort = "relevance"
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Field(max_length=400)] | None = None

    @property
    def about(self) -> list[object]:
        """What makes it this search, whatever its page."""
        return list(self.model_dump(exclude={"limit", "cursor"}).values())
