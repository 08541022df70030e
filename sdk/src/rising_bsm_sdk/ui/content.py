"""Nodes that show something."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .node import Handler, Node, Tone, name_of

Number = float | None


class Text(Node):
    """A text; its lines stay lines."""

    def __init__(self, text: str, *, style: Literal["normal", "muted", "strong", "small"] = "normal") -> None:
        self._keep(text=text, style=style)


class Markdown(Node):
    """A text in Markdown: headings, lists, emphasis, tables, code, and links as in `Link`; no HTML, no pictures."""

    def __init__(self, text: str) -> None:
        self._keep(text=text)


class Code(Node):
    """A text in which every character counts."""

    def __init__(self, text: str) -> None:
        self._keep(text=text)


class Stat(Node):
    """A number that matters, with what it is of.

    `change` says how it has changed (`+12 %`), and `trend` whether that is good.
    """

    def __init__(
        self,
        label: str,
        value: str | float,
        *,
        hint: str | None = None,
        change: str | None = None,
        trend: Literal["good", "bad", "neutral"] = "neutral",
    ) -> None:
        self._keep(label=label, value=value, hint=hint, change=change, trend=trend)


class Badge(Node):
    """A word in a coloured box."""

    def __init__(self, text: str, *, tone: Tone = "neutral") -> None:
        self._keep(text=text, tone=tone)


class Alert(Node):
    """Something that people must not miss."""

    def __init__(self, text: str, *, title: str | None = None, tone: Tone = "info") -> None:
        self._keep(text=text, title=title, tone=tone)


class Progress(Node):
    """How far something is: `value` of `maximum`."""

    def __init__(self, value: float, *, label: str, maximum: float = 100) -> None:
        self._keep(value=value, label=label, maximum=maximum)


class Image(Node):
    """A picture from the bundle's `ui/` folder (PNG, JPEG, WebP or GIF); `alt` says what is to be seen on it."""

    def __init__(self, path: str, alt: str, *, width: Literal["small", "medium", "full"] = "medium") -> None:
        self._keep(path=path, alt=alt, width=width)


class Link(Node):
    """A link: to an own page by its name (`members`), to a page of the host by its path (`/customers/...`), or to an
    address that begins with `https:`, `mailto:` or `tel:`.

    `query` is what an own page gets in `props["query"]`.
    """

    def __init__(self, text: str, to: str, *, query: Mapping[str, str] | None = None) -> None:
        self._keep(text=text, to=to, query=dict(query) if query else None)


class Chart(Node):
    """A chart; each of `series` has a name and one number, or None, for each of `labels`.

    A `pie` has one series. `unit` stands behind each number.
    """

    def __init__(
        self,
        kind: Literal["bar", "line", "area", "pie", "sparkline"],
        labels: Sequence[str],
        series: Mapping[str, Sequence[Number]],
        *,
        title: str,
        unit: str = "",
    ) -> None:
        rows = [[name, list(values)] for name, values in series.items()]
        self._keep(kind=kind, labels=list(labels), series=rows, title=title, unit=unit)


class Button(Node):
    """Calls `action`, a method marked with `@action`, with `values` when it is pressed.

    `values` are JSON of at most 8 KiB. The page keeps them so that they cannot be changed, but they can be read there.
    `confirm` is what a person must agree to first.
    """

    def __init__(
        self,
        text: str,
        action: Handler,
        *,
        values: Mapping[str, Any] | None = None,
        confirm: str | None = None,
        style: Literal["default", "primary", "danger", "link"] = "default",
        disabled: bool = False,
    ) -> None:
        given = dict(values) if values else None
        self._keep(text=text, action=name_of(action), values=given, confirm=confirm, style=style, disabled=disabled)
