"""Nodes that hold others."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from .content import Button
from .node import Child, Node, Tone, children_of


class Page(Node):
    """A whole page, for components at `page`."""

    def __init__(self, title: str, *children: Child, subtitle: str | None = None) -> None:
        self._keep(title=title, children=children_of(children), subtitle=subtitle)


class Section(Node):
    """A part of a page under a heading."""

    def __init__(self, title: str, *children: Child) -> None:
        self._keep(title=title, children=children_of(children))


class Card(Node):
    """A box, with a heading if there is a title."""

    def __init__(self, title: str | None = None, *children: Child) -> None:
        self._keep(title=title, children=children_of(children))


class Grid(Node):
    """What stands side by side where there is room: at most so many `columns`, 1 to 4."""

    def __init__(self, *children: Child, columns: int = 2) -> None:
        self._keep(children=children_of(children), columns=columns)


class Row(Node):
    """What stands in one line, and in several where there is no room."""

    def __init__(self, *children: Child) -> None:
        self._keep(children=children_of(children))


class List(Node):
    """One below the other, each with a mark if it is not `plain`."""

    def __init__(self, *items: Child, plain: bool = False) -> None:
        self._keep(children=children_of(items), plain=plain)


class Tab(Node):
    """One of `Tabs`."""

    def __init__(self, title: str, *children: Child) -> None:
        self._keep(title=title, children=children_of(children))


class Tabs(Node):
    """Of several tabs, at most 8, one is shown at a time; `label` says what they are about."""

    def __init__(self, *tabs: Tab, label: str) -> None:
        self._keep(children=tabs, label=label)


class Modal(Node):
    """A button, and a dialog that opens when it is pressed."""

    def __init__(
        self,
        button: str,
        title: str,
        *children: Child,
        style: Literal["default", "primary", "danger", "link"] = "default",
    ) -> None:
        self._keep(button=button, title=title, children=children_of(children), style=style)


class Empty(Node):
    """What is said where there is nothing yet, and what to do about it."""

    def __init__(self, title: str, *children: Child, text: str | None = None) -> None:
        self._keep(title=title, text=text, children=children_of(children))


class Moment(Node):
    """One entry of a `Timeline`."""

    def __init__(
        self, title: str, *, at: datetime | str | None = None, text: str | None = None, tone: Tone = "neutral"
    ) -> None:
        moment = at.isoformat() if isinstance(at, datetime) else at
        self._keep(title=title, at=moment, text=text, tone=tone)


class Timeline(Node):
    """What happened, one after the other."""

    def __init__(self, *moments: Moment) -> None:
        self._keep(children=moments)


class Column(Node):
    """A column of a `Table`: what cells of `key` are under. Whoever presses the heading of one that is `sortable`
    has the component shown again, with `props["query"]["sort"]` the key, or `-key` for the other direction."""

    def __init__(
        self, key: str, label: str, *, sortable: bool = False, align: Literal["start", "end"] = "start"
    ) -> None:
        self._keep(key=key, label=label, sortable=sortable, align=align)


class Line(Node):
    """A line of a `Table` with buttons at its end."""

    def __init__(self, cells: Mapping[str, Child], *, actions: Sequence[Button] = ()) -> None:
        self._keep(cells=_cells(cells), actions=tuple(actions))


class Table(Node):
    """A table: for each line a text, number or node by the key of its column; a plain mapping will do for a `Line`.

    With `page` and `pages` people can turn pages: `props["query"]["page"]` is the number asked for. `sort` is how the
    lines are sorted now (`name`, `-name`). `name` keeps two tables apart: their keys are `name.sort` and `name.page`.
    `empty` is said where there are no lines.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        lines: Iterable[Line | Mapping[str, Child]],
        *,
        label: str,
        name: str | None = None,
        sort: str | None = None,
        page: int = 1,
        pages: int = 1,
        empty: str | None = None,
    ) -> None:
        made = tuple(one if isinstance(one, Line) else Line(one) for one in lines)
        shown = {"sort": sort, "page": page, "pages": pages, "empty": empty}
        self._keep(label=label, columns=tuple(columns), lines=made, name=name, **shown)


def _cells(cells: Mapping[str, Child]) -> dict[str, Node]:
    found = {str(key): children_of([cell]) for key, cell in cells.items()}
    return {key: nodes[0] if len(nodes) == 1 else Row(*nodes) for key, nodes in found.items() if nodes}
