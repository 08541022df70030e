"""What somebody entered into a plugin's form, checked as its fields say, before the plugin hears of it."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from datetime import time as time_of_day
from functools import singledispatch
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic.networks import EmailStr

from rising_bsm.bundle.urls import parse_url
from rising_bsm.runtime.ui import fields
from rising_bsm.web.i18n import as_number, gettext

PREFIX = "f-"
"""What stands in front of the names of a plugin's fields, so that none is ours."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PHONE = re.compile(r"\+?[0-9 ()/.-]{3,40}")
_email: TypeAdapter[str] = TypeAdapter(EmailStr)


def _(text: str, **parts: str) -> str:
    return gettext(text) % parts


Raw = Mapping[str, Sequence[str]]


def values_of(form: fields.Form, raw: Raw) -> tuple[dict[str, Any], dict[str, str]]:
    """What was entered by the names of the fields, None where nothing was; and a sentence for each wrong field."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in form.fields:
        try:
            values[field.name] = _entered(field, list(raw.get(PREFIX + field.name, ())))
        except ValueError as error:
            wrong[field.name] = str(error)
    return values, wrong


def typed_in(field: Any, texts: Sequence[str]) -> Any:
    """What was typed into a field, to be shown again as it was."""
    if isinstance(field, fields.Checkbox):
        return bool(texts)
    return list(texts) if isinstance(field, fields.MultiSelect) else (texts[-1] if texts else "")


def _entered(field: Any, texts: list[str]) -> Any:
    texts = [text.replace("\r\n", "\n").replace("\x00", "") for text in texts]
    if isinstance(field, fields.Checkbox | fields.MultiSelect):
        found = value_of(field, texts)
    else:
        text = texts[-1] if texts else ""
        found = value_of(field, [text]) if text.strip() else None
    if field.required and not found and found != 0:
        raise ValueError(_("This is needed."))
    return found


@singledispatch
def value_of(field: Any, _texts: list[str]) -> Any:
    """The value of a field that is not empty; raises ValueError with a sentence for whoever entered it."""
    raise TypeError(type(field).__name__)


@value_of.register
def text_of(field: fields.TextField, texts: list[str]) -> str:
    """A text, as long as it may be."""
    text = texts[0] if isinstance(field, fields.TextArea | fields.PasswordField) else " ".join(texts[0].split())
    if len(text) < field.min_length:
        raise ValueError(_("Write at least %(count)s characters.", count=as_number(field.min_length)))
    if len(text) > field.max_length:
        raise ValueError(_("Write at most %(count)s characters.", count=as_number(field.max_length)))
    return text


@value_of.register
def number_of(field: fields.NumberField, texts: list[str]) -> int | float:
    """A number between its limits."""
    try:
        number = int(texts[0]) if field.whole else float(texts[0].replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(_("Write a whole number.") if field.whole else _("Write a number."))
    if field.minimum is not None and number < field.minimum:
        raise ValueError(_("This must be %(number)s at least.", number=as_number(field.minimum)))
    if field.maximum is not None and number > field.maximum:
        raise ValueError(_("This must be %(number)s at most.", number=as_number(field.maximum)))
    return int(number) if number == int(number) and abs(number) < 2**53 else number


@value_of.register
def email_of(_field: fields.EmailField, texts: list[str]) -> str:
    """An address of e-mail."""
    try:
        return _email.validate_python(texts[0].strip())
    except ValidationError:
        raise ValueError(_("Write an e-mail address, such as name@example.com.")) from None


@value_of.register
def phone_of(_field: fields.PhoneField, texts: list[str]) -> str:
    """A telephone number."""
    return _matching(_PHONE, texts[0], _("Write a telephone number, such as +49 30 123456."))


@value_of.register
def url_of(_field: fields.UrlField, texts: list[str]) -> str:
    """An address on the web."""
    try:
        return parse_url(texts[0].strip()).url
    except ValueError:
        raise ValueError(_("Write a web address, such as https://example.com/.")) from None


@value_of.register
def date_of(_field: fields.DateField, texts: list[str]) -> str:
    """A day."""
    return _parsed(date.fromisoformat, texts[0], _("Choose a day, such as 2030-01-31."))


@value_of.register
def time_of(_field: fields.TimeField, texts: list[str]) -> str:
    """A time of day."""
    return _parsed(time_of_day.fromisoformat, texts[0], _("Choose a time of day, such as 09:30."))[:5]


@value_of.register
def moment_of(_field: fields.DateTimeField, texts: list[str]) -> str:
    """A day and a time."""
    sentence = _("Choose a day and a time.")
    return _parsed(datetime.fromisoformat, _matching(_MOMENT, texts[0], sentence), sentence)[:16]


@value_of.register
def colour_of(_field: fields.ColorField, texts: list[str]) -> str:
    """A colour."""
    return _matching(_COLOUR, texts[0].lower(), _("Choose a colour."))


@value_of.register
def is_checked(_field: fields.Checkbox, texts: list[str]) -> bool:
    """Whether it is."""
    return bool(texts)


@value_of.register
def choice_of(field: fields.Select, texts: list[str]) -> str:
    """One of the options."""
    if texts[0] not in {value for value, label in field.options}:
        raise ValueError(_("Choose one of what is there."))
    return texts[0]


@value_of.register
def choices_of(field: fields.MultiSelect, texts: list[str]) -> list[str]:
    """Some of the options, in their order."""
    known = [value for value, label in field.options]
    if not set(texts) <= set(known):
        raise ValueError(_("Choose some of what is there."))
    return [value for value in known if value in texts]


@value_of.register
def customer_of(_field: fields.CustomerPicker, texts: list[str]) -> str:
    """The id of a customer; whether the person may see that one is asked elsewhere."""
    return _parsed(UUID, texts[0], _("Choose a customer."))


def _matching(pattern: re.Pattern[str], text: str, sentence: str) -> str:
    if not pattern.fullmatch(text.strip()):
        raise ValueError(sentence)
    return text.strip()


def _parsed(parse: Callable[[str], Any], text: str, sentence: str) -> str:
    try:
        found = parse(text.strip())
    except ValueError:
        raise ValueError(sentence) from None
    return str(found) if isinstance(found, UUID) else str(found.isoformat())
