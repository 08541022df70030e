"""Input at the edge of a room: every wrong field at once, each with a sentence a person can act on."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import ErrorDetails

from rising_bsm.errors import InvalidInput

_BIDIRECTIONAL_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no field of this name to write.",
    "string_type": "This must be text.",
    "string_unicode": "This is not valid Unicode text.",
    "string_too_short": "This must not be empty.",
    "string_too_long": "This must have at most {max_length} characters.",
    "too_long": "There must be at most {max_length} of these.",
    "list_type": "This must be a list.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than_equal": "This must be at most {le}.",
    "literal_error": "This must be one of {expected}.",
    "enum": "This must be one of {expected}.",
    "model_type": "This must be an object with fields.",
    "datetime_parsing": "This must be a time such as 2030-01-31T12:00:00Z.",
    "datetime_from_date_parsing": "This must be a time such as 2030-01-31T12:00:00Z.",
    "datetime_type": "This must be a time such as 2030-01-31T12:00:00Z.",
    "timezone_aware": "This time needs a time zone, such as the Z in 2030-01-31T12:00:00Z.",
}


class Input(BaseModel):
    """What somebody sends, made of known fields only. `refusal` is the code of the error that wrong input gets."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    refusal: ClassVar[str] = InvalidInput.code

    @classmethod
    def of(cls, data: object) -> Self:
        """The input that `data` (an object out of JSON) is; raises InvalidInput that names every wrong field."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise _refused(cls.refusal, error) from None


def wrong_field(name: str, sentence: str, *, code: str) -> InvalidInput:
    """The refusal of one field, in the form that `Input.of` gives it."""
    return _refusal(code, {name: sentence})


def _refused(code: str, error: ValidationError) -> InvalidInput:
    details = error.errors(include_url=False, include_context=True, include_input=False)
    return _refusal(code, {".".join(map(str, detail["loc"])) or "body": _sentence(detail) for detail in details})


def _refusal(code: str, fields: Mapping[str, str]) -> InvalidInput:
    names = ", ".join(fields)
    sentence = f"This field is wrong: {names}." if len(fields) == 1 else f"These fields are wrong: {names}."
    step = "Correct what is named and send it again."
    return InvalidInput(sentence, fields=fields, code=code, place=next(iter(fields)), next_step=step)


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    template = _SENTENCES.get(detail["type"])
    return template.format_map(detail.get("ctx", {})) if template else detail["msg"] + "."


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in _BIDIRECTIONAL_OVERRIDES


def _composed(value: object, validate: ValidatorFunctionWrapHandler) -> str:
    text: str = validate(unicodedata.normalize("NFC", value) if isinstance(value, str) else value)
    return text


def _one_line(value: object, validate: ValidatorFunctionWrapHandler) -> str:
    text = _composed(value, validate)
    if any(map(_is_control, text)):
        raise ValueError("This must be one line of text without control characters.")
    return text


def _several_lines(value: object, validate: ValidatorFunctionWrapHandler) -> str:
    text = _composed(value, validate).replace("\r\n", "\n")
    if any(_is_control(character) for character in text if character not in "\n\t"):
        raise ValueError("This must be text without control characters.")
    return text


def _email_address(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, strict=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(f"This is not a valid e-mail address: {error}") from None


ONE_LINE = WrapValidator(_one_line)
"""Text in Unicode's composed form (NFC), without line breaks, control characters and overrides of its direction."""

SEVERAL_LINES = WrapValidator(_several_lines)
"""As ONE_LINE, with line feeds and tabs."""

NULL_IS_EMPTY = BeforeValidator(lambda value: "" if value is None else value)
"""Text that is left out by sending null."""

Email = Annotated[str, Field(min_length=1, max_length=254), ONE_LINE, AfterValidator(_email_address)]
"""A well-formed e-mail address, in lower case; that anybody reads it is not checked."""

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def canonical_email(text: str) -> str | None:
    """The address in the form in which it is stored; None for what is no address."""
    try:
        return _EMAIL.validate_python(text.strip())
    except ValidationError:
        return None
