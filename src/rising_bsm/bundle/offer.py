"""What a plugin says of itself on the marketplace: where it belongs, what it costs, where to read and ask more."""

import re
from collections import Counter
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from rising_bsm.bundle import fields

# fmt: off
Category = Literal[
    "analytics", "automation", "communication", "customers", "documents", "finance",
    "integrations", "marketing", "scheduling", "security", "tools", "other",
]
# fmt: on
CATEGORIES: tuple[str, ...] = get_args(Category)

_LINK = re.compile(r"[!-~]+")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$&'*+/=^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _no_tag_twice(tags: tuple[str, ...]) -> tuple[str, ...]:
    if twice := [tag for tag, count in Counter(tags).items() if count > 1]:
        raise ValueError(f"must name each once, not {', '.join(twice)} twice")
    return tags


def _https(text: str) -> str:
    if not _is_https(text):
        raise ValueError("must be an address such as https://example.com/plugin")
    return text


def _https_or_mail(text: str) -> str:
    kind, _, mailbox = text.partition(":")
    if not _is_https(text) and not (kind == "mailto" and _MAILBOX.fullmatch(mailbox)):
        raise ValueError("must be an address such as https://example.com/help or mailto:help@example.com")
    return text


def _is_https(text: str) -> bool:
    # What a browser is led to: no user name that looks like a host, nothing that two parsers read differently.
    if not text.startswith("https://") or not _LINK.fullmatch(text) or re.search(r"""[\\"<>^`{|}]""", text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


Tags = Annotated[
    tuple[fields.Slug, ...],
    Field(max_length=10, description="Words that it is found by."),
    AfterValidator(_no_tag_twice),
]
Homepage = Annotated[str, Field(max_length=300), AfterValidator(_https)]
Support = Annotated[str, Field(max_length=300), AfterValidator(_https_or_mail)]


class Pricing(BaseModel):
    """Whether a licence is needed, and for how many days one may be tried."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    model: Literal["free", "paid"] = "free"
    trial_days: int = Field(default=0, ge=0, le=90, description="0 where there is no trial.")

    @model_validator(mode="after")
    def _what_is_free_is_not_tried(self) -> Self:
        if self.model == "free" and self.trial_days:
            raise ValueError("must have no trial days where the model is free")
        return self
