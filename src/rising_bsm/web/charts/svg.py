"""Elements as text, with everything escaped that goes into them."""

from collections.abc import Iterable

from markupsafe import Markup, escape

Value = str | float | None


def element(name: str, *children: Markup | str, **attributes: Value) -> Markup:
    """`<name attributes>children</name>`; texts are escaped, and what is None is left out.

    An attribute is named as in Python: `text_anchor`, `class_`, `view_box`.
    """
    given = Markup("").join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, joined(children))  # noqa: S704 - our own names


def joined(parts: Iterable[Markup | str]) -> Markup:
    """The parts one after the other; texts are escaped."""
    return Markup("").join(parts)


def number(value: float) -> str:
    """A coordinate, with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def _attribute(key: str, value: Value) -> Markup:
    name = "viewBox" if key == "view_box" else key.rstrip("_").replace("_", "-")
    return Markup(' {}="{}"').format(Markup(name), escape(number(value) if isinstance(value, float) else value))  # noqa: S704
