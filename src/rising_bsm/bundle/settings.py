"""The settings that a plugin has: what an administrator may write into each."""

from collections import Counter
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from rising_bsm.bundle import fields

Value: TypeAlias = bool | int | float | str
TEXTS = ("text", "text_long", "secret", "email", "url")
NUMBERS = ("number", "whole")
CHARACTERS = {"text": 500, "text_long": 10_000, "secret": 2_000, "email": 254, "url": 2_000}
GREATEST = 2**53 - 1
"""The greatest number that every reader of JSON takes for the same one."""

_Bound = Annotated[int, Field(ge=-GREATEST, le=GREATEST)] | None


class SettingField(BaseModel):
    """One setting. `minimum` and `maximum` are for numbers, `choices` for a choice, `max_length` for texts.

    A `number` may have a fraction, a `whole` none; `secret` is text that is never shown again.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: fields.SettingName
    type: Literal["text", "text_long", "number", "whole", "yesno", "choice", "secret", "email", "url"]
    label: fields.Line
    help: fields.Sentence | None = None
    required: bool = False
    default: bool | int | Annotated[str, Field(max_length=10_000)] | None = None
    choices: Annotated[tuple[fields.Line, ...], Field(max_length=100)] = ()
    minimum: _Bound = None
    maximum: _Bound = None
    max_length: Annotated[int, Field(ge=1, le=10_000)] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self._has_what_its_type_has()
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("must have a minimum that is not above its maximum")
        if self.default is not None:
            self.checked(self.default)
        return self

    def _has_what_its_type_has(self) -> None:
        if bool(self.choices) != (self.type == "choice"):
            raise ValueError("must have choices if it is a choice, and only then")
        if (self.minimum, self.maximum) != (None, None) and self.type not in NUMBERS:
            raise ValueError("must have no minimum and maximum, as it is no number")
        if self.max_length is not None and self.type not in TEXTS:
            raise ValueError("must have no max_length, as it is no text")
        if self.type == "secret" and self.default is not None:
            raise ValueError("must have no default, as everybody could read that secret")

    def checked(self, value: object) -> Value:
        """The value as it is stored; raises ValueError (`must be ...`) for one that this setting cannot have."""
        if self.type == "yesno":
            if not isinstance(value, bool):
                raise ValueError("must be true or false")
            return value
        return self._number(value) if self.type in NUMBERS else self._text(value)

    def _number(self, value: object) -> int | float:
        kinds = int if self.type == "whole" else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not abs(value) <= GREATEST:
            raise ValueError("must be a whole number" if self.type == "whole" else "must be a number")
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"must be at least {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"must be at most {self.maximum}")
        return value

    def _text(self, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError("must be text")
        if self.type == "choice" and value not in self.choices:
            raise ValueError(f"must be one of {', '.join(self.choices)}")
        most = min(self.max_length or 10_000, CHARACTERS.get(self.type, 80))
        if len(value) > most:
            raise ValueError(f"must have at most {most:,} characters")
        return _WELL_FORMED[self.type](value) if self.type in _WELL_FORMED else _one_line(value)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of text without control characters")
    return text


def _several_lines(text: str) -> str:
    if not "".join(text.split("\n")).replace("\t", "").isprintable():
        raise ValueError("must be text without control characters")
    return text


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValueError("must be an e-mail address") from None


def _url(text: str) -> str:
    try:
        parts = urlsplit(_one_line(text))
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or " " in text:
        raise ValueError("must be an address such as https://www.example.com/")
    return text


_WELL_FORMED = {"text_long": _several_lines, "email": _email, "url": _url}


def _no_name_twice(settings: tuple[SettingField, ...]) -> tuple[SettingField, ...]:
    if twice := [name for name, count in Counter(one.name for one in settings).items() if count > 1]:
        raise ValueError(f"must name each once, not {', '.join(twice)} twice")
    return settings


Settings = Annotated[tuple[SettingField, ...], Field(max_length=50), AfterValidator(_no_name_twice)]


def changed(
    settings: tuple[SettingField, ...], values: dict[str, Any]
) -> tuple[dict[str, Value | None], dict[str, str]]:
    """The values as they are stored, null for those that are to be as if nobody had set them; and what is wrong."""
    known, good, wrong = {one.name: one for one in settings}, dict[str, Value | None](), dict[str, str]()
    for name, value in values.items():
        if name not in known:
            wrong[name] = "is no setting of this plugin"
        elif value is None:
            good[name] = None
        else:
            try:
                good[name] = known[name].checked(value)
            except ValueError as error:
                wrong[name] = str(error)
    return good, wrong
