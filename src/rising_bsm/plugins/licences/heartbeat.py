"""One heartbeat: what an instance tells a marketplace once an hour, and what it makes of the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rising_bsm.plugins.licences.errors import StrangeAnswer


class Advisory(BaseModel):
    """What a marketplace says of a version of a plugin that runs here."""

    model_config = ConfigDict(frozen=True)

    plugin: str = Field(max_length=81)
    version: str = Field(max_length=60)
    kind: Literal["revoked", "suspended", "deprecated"]
    reason: str | None = Field(default=None, max_length=2_000)


class Renewal(BaseModel):
    """What becomes of one licence: a fresh file, or a code that says why there is none."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(max_length=36)
    license: dict[str, Any] | None = None
    code: str | None = Field(default=None, max_length=60, pattern="^[A-Z_]+$")


class Answer(BaseModel):
    """A marketplace's answer to a heartbeat; members of later versions are no harm."""

    model_config = ConfigDict(frozen=True)

    licenses: list[Renewal] = Field(default=[], max_length=10_000)
    advisories: list[Advisory] = Field(default=[], max_length=10_000)

    @classmethod
    def of(cls, answer: object) -> "Answer":
        """The answer in this JSON; raises StrangeAnswer."""
        try:
            return cls.model_validate(answer)
        except ValidationError as error:
            raise StrangeAnswer("heartbeat") from error


@dataclass(frozen=True)
class Beat:
    """What a heartbeat has done: the plugins with a fresh file, those refused, each with why, and what was said."""

    renewed: Sequence[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    advisories: Sequence[Advisory] = ()
