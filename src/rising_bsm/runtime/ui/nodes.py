"""Nodes that hold others, and all nodes together. The SDK's `ui` has each of them under the same name."""

from typing import Annotated, Literal, Union

import msgspec

from rising_bsm.runtime.ui import leaves
from rising_bsm.runtime.ui.fields import Form
from rising_bsm.runtime.ui.leaves import Key, Node, Style, Title, Words


class Page(Node, frozen=True):
    """A whole page."""

    title: Title
    children: "tuple[AnyNode, ...]" = ()
    subtitle: Words | None = None


class Section(Node, frozen=True):
    """A part of a page under a heading."""

    title: Title
    children: "tuple[AnyNode, ...]" = ()


class Card(Node, frozen=True):
    """A box."""

    title: Words | None = None
    children: "tuple[AnyNode, ...]" = ()


class Grid(Node, frozen=True):
    """Side by side where there is room."""

    children: "tuple[AnyNode, ...]" = ()
    columns: Annotated[int, msgspec.Meta(ge=1, le=4)] = 2


class Row(Node, frozen=True):
    """In one line."""

    children: "tuple[AnyNode, ...]" = ()


class List(Node, frozen=True):
    """One below the other."""

    children: "tuple[AnyNode, ...]" = ()
    plain: bool = False


class Tab(Node, frozen=True):
    """One of `Tabs`."""

    title: Title
    children: "tuple[AnyNode, ...]" = ()


class Tabs(Node, frozen=True):
    """One at a time."""

    children: Annotated[tuple[Tab, ...], msgspec.Meta(min_length=1, max_length=8)]
    label: Title


class Modal(Node, frozen=True):
    """A button that opens a dialog."""

    button: Title
    title: Title
    children: "tuple[AnyNode, ...]" = ()
    style: Style = "default"


class Empty(Node, frozen=True):
    """Nothing yet."""

    title: Title
    text: str | None = None
    children: "tuple[AnyNode, ...]" = ()


class Timeline(Node, frozen=True):
    """One after the other."""

    children: tuple[leaves.Moment, ...] = ()


class Column(Node, frozen=True):
    """A column of a table."""

    key: Key
    label: Title
    sortable: bool = False
    align: Literal["start", "end"] = "start"


class Line(Node, frozen=True):
    """A line of a table: what is in it, by the keys of the columns."""

    cells: "dict[str, AnyNode]"
    actions: Annotated[tuple[leaves.Button, ...], msgspec.Meta(max_length=8)] = ()


class Table(Node, frozen=True):
    """Lines under columns; `sort` is a column's key, with a dash in front for the other direction."""

    label: Title
    columns: Annotated[tuple[Column, ...], msgspec.Meta(min_length=1, max_length=20)]
    lines: Annotated[tuple[Line, ...], msgspec.Meta(max_length=500)] = ()
    name: Key | None = None
    sort: Annotated[str, msgspec.Meta(max_length=41)] | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    pages: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    empty: Words | None = None


AnyNode = Union[  # noqa: UP007 - it is named before it is there
    Page,
    Section,
    Card,
    Grid,
    Row,
    List,
    Tabs,
    Modal,
    Empty,
    Timeline,
    Table,
    Form,
    leaves.Text,
    leaves.Markdown,
    leaves.Code,
    leaves.Stat,
    leaves.Badge,
    leaves.Alert,
    leaves.Progress,
    leaves.Image,
    leaves.Link,
    leaves.Chart,
    leaves.Button,
]
