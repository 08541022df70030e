"""Nodes that hold no others. The SDK's `ui` has each of them under the same name."""

from typing import Annotated, Any, Literal

import msgspec

Tone = Literal["neutral", "info", "success", "warning", "danger"]
Style = Literal["default", "primary", "danger", "link"]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,79}\Z")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}\Z")]
QueryName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,80}\Z")]
Words = Annotated[str, msgspec.Meta(max_length=200)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag=str):
    """A part of what a plugin shows; its `type` in JSON is the name of its class."""


class Text(Node, frozen=True):
    """A text; its lines stay lines."""

    text: str
    style: Literal["normal", "muted", "strong", "small"] = "normal"


class Markdown(Node, frozen=True):
    """A text in Markdown, without HTML."""

    text: str


class Code(Node, frozen=True):
    """A text in which every character counts."""

    text: str


class Stat(Node, frozen=True):
    """A number that matters."""

    label: Title
    value: str | int | float
    hint: Words | None = None
    change: Words | None = None
    trend: Literal["good", "bad", "neutral"] = "neutral"


class Badge(Node, frozen=True):
    """A word in a coloured box."""

    text: Title
    tone: Tone = "neutral"


class Alert(Node, frozen=True):
    """Something that people must not miss."""

    text: str
    title: Words | None = None
    tone: Tone = "info"


class Progress(Node, frozen=True):
    """How far something is."""

    value: int | float
    label: Title
    maximum: Annotated[float, msgspec.Meta(gt=0)] = 100


class Image(Node, frozen=True):
    """A picture of the bundle."""

    path: Annotated[str, msgspec.Meta(pattern=r"^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\Z")]
    alt: Words
    width: Literal["small", "medium", "full"] = "medium"


class Link(Node, frozen=True):
    """A link; `links.target_of` knows where to."""

    text: Words
    to: str
    query: dict[QueryName, Words] | None = None


class Chart(Node, frozen=True):
    """Numbers as a picture."""

    kind: Literal["bar", "line", "area", "pie", "sparkline"]
    labels: tuple[Words, ...]
    series: Annotated[tuple[tuple[Words, tuple[int | float | None, ...]], ...], msgspec.Meta(max_length=8)]
    title: Title
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Button(Node, frozen=True):
    """Calls an action."""

    text: Title
    action: Name
    values: dict[str, Any] | None = None
    confirm: Words | None = None
    style: Style = "default"
    disabled: bool = False


class Moment(Node, frozen=True):
    """One entry of a timeline."""

    title: Title
    at: Words | None = None
    text: str | None = None
    tone: Tone = "neutral"
