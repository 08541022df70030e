"""The fields of forms. The SDK's `ui` has each of them under the same name."""

from typing import Annotated, Any, Literal

import msgspec

from rising_bsm.runtime.ui.leaves import Key, Name, Node, Title, Words

Length = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Options = Annotated[tuple[tuple[Words, Words], ...], msgspec.Meta(max_length=500)]
Help = Annotated[str, msgspec.Meta(max_length=500)]


class _Field(Node, frozen=True):
    name: Key
    label: Title
    required: bool = False
    help: Help | None = None


class TextField(_Field, frozen=True):
    """One line of text."""

    value: str | None = None
    min_length: Length = 0
    max_length: Length = 500


class TextArea(TextField, frozen=True):
    """Several lines of text."""


class PasswordField(TextField, frozen=True):
    """A text that nobody sees; its value is never sent to the browser."""


class NumberField(_Field, frozen=True):
    """A number."""

    value: int | float | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    whole: bool = False


class _LineField(_Field, frozen=True):
    value: Words | None = None


class EmailField(_LineField, frozen=True):
    """An address of e-mail."""


class PhoneField(_LineField, frozen=True):
    """A telephone number."""


class UrlField(_Field, frozen=True):
    """An address on the web."""

    value: Annotated[str, msgspec.Meta(max_length=2_048)] | None = None


class DateField(_LineField, frozen=True):
    """A day."""


class TimeField(_LineField, frozen=True):
    """A time of day."""


class DateTimeField(_LineField, frozen=True):
    """A day and a time."""


class ColorField(_LineField, frozen=True):
    """A colour."""


class Checkbox(_Field, frozen=True):
    """Yes or no."""

    value: bool | None = None


class Switch(Checkbox, frozen=True):
    """Yes or no."""


class Select(_Field, frozen=True, kw_only=True):
    """One of several."""

    options: Options
    value: Words | None = None


class Radio(Select, frozen=True):
    """One of several, all of which are seen."""


class MultiSelect(_Field, frozen=True, kw_only=True):
    """Any of several."""

    options: Options
    value: tuple[Words, ...] = ()


class CustomerPicker(_LineField, frozen=True):
    """One of the customers whom the person may see."""


Field = (
    TextField
    | TextArea
    | PasswordField
    | NumberField
    | EmailField
    | PhoneField
    | UrlField
    | DateField
    | TimeField
    | DateTimeField
    | ColorField
    | Checkbox
    | Switch
    | Select
    | Radio
    | MultiSelect
    | CustomerPicker
)


class Form(Node, frozen=True):
    """Fields, and a button that calls an action with what was entered."""

    fields: Annotated[tuple[Field, ...], msgspec.Meta(max_length=50)]
    action: Name
    values: dict[str, Any] | None = None
    submit: Title = "Save"
    style: Literal["default", "primary", "danger"] = "primary"
