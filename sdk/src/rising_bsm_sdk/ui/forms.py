"""Forms and their fields. The host checks what was entered as each field says, before the action is called."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from .node import Handler, Node, name_of

Options = Mapping[str, str] | Iterable[str]
"""What can be chosen: the label of each value, or values that are their own labels."""


class Field(Node):
    """A field of a `Form`: its `name` is the key of what is entered in the values that the action gets.

    What is not entered is None. `value` is what it begins with, `help` stands below it.
    """

    def __init__(
        self, name: str, label: str, *, value: Any = None, required: bool = False, help: str | None = None
    ) -> None:
        self._keep(name=name, label=label, value=value, required=required, help=help)


class TextField(Field):
    """One line of text."""

    def __init__(
        self,
        name: str,
        label: str,
        *,
        value: str | None = None,
        required: bool = False,
        help: str | None = None,
        min_length: int = 0,
        max_length: int = 500,
    ) -> None:
        super().__init__(name, label, value=value, required=required, help=help)
        self._keep(min_length=min_length, max_length=max_length)


class TextArea(TextField):
    """Several lines of text."""


class PasswordField(TextField):
    """A text that is hidden while it is entered; it never begins with a value."""


class NumberField(Field):
    """A number; a whole one if `whole`."""

    def __init__(
        self,
        name: str,
        label: str,
        *,
        value: float | None = None,
        required: bool = False,
        help: str | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        whole: bool = False,
    ) -> None:
        super().__init__(name, label, value=value, required=required, help=help)
        self._keep(minimum=minimum, maximum=maximum, whole=whole)


class EmailField(Field):
    """An address of e-mail."""


class PhoneField(Field):
    """A telephone number."""


class UrlField(Field):
    """An address that begins with `https:` or `http:`."""


class DateField(Field):
    """A day, as `2030-01-31`."""


class TimeField(Field):
    """A time of day, as `09:30`."""


class DateTimeField(Field):
    """A day and a time where the person is, as `2030-01-31T09:30`."""


class ColorField(Field):
    """A colour, as `#4299e1`."""


class Checkbox(Field):
    """Yes or no; the value is True or False. One that is `required` must be checked."""


class Switch(Checkbox):
    """Yes or no, as a switch."""


class Select(Field):
    """One of the `options`."""

    def __init__(
        self,
        name: str,
        label: str,
        options: Options,
        *,
        value: str | None = None,
        required: bool = False,
        help: str | None = None,
    ) -> None:
        super().__init__(name, label, value=value, required=required, help=help)
        self._keep(options=_options(options))


class Radio(Select):
    """One of the `options`, all of which are seen."""


class MultiSelect(Field):
    """Any of the `options`; the value is a list."""

    def __init__(
        self,
        name: str,
        label: str,
        options: Options,
        *,
        value: Iterable[str] = (),
        required: bool = False,
        help: str | None = None,
    ) -> None:
        super().__init__(name, label, value=list(value), required=required, help=help)
        self._keep(options=_options(options))


class CustomerPicker(Field):
    """One of the customers that the person may see; the value is the customer's id. The plugin learns no others."""


class Hidden(Node):
    """A value that is not shown and comes back as it is; like `values` of a `Button`."""

    def __init__(self, name: str, value: Any) -> None:
        self._keep(name=name, value=value)


class Form(Node):
    """Fields, and a button that calls `action` with what was entered, by the names of the fields.

    What breaks the rules of a field is said next to it, without asking the plugin. An action that raises
    `Refuse("...", field="email")` has its sentence shown next to that field.
    """

    def __init__(
        self,
        *fields: Field | Hidden,
        action: Handler,
        submit: str = "Save",
        style: Literal["default", "primary", "danger"] = "primary",
    ) -> None:
        hidden = {vars(field)["name"]: vars(field)["value"] for field in fields if isinstance(field, Hidden)}
        shown = tuple(field for field in fields if isinstance(field, Field))
        self._keep(fields=shown, action=name_of(action), values=hidden or None, submit=submit, style=style)


def _options(options: Options) -> list[list[str]]:
    pairs = options.items() if isinstance(options, Mapping) else ((value, value) for value in options)
    return [[str(value), str(label)] for value, label in pairs]
