"""Which level so many points are, and how a customer is marked with it."""

from collections.abc import Iterable, Mapping
from typing import Any

LEVELS = ("gold", "silver")
PREFIX = "loyalty-"


def level_of(points: int, settings: Mapping[str, Any]) -> str | None:
    """The highest level that the points suffice for."""
    return next((level for level in LEVELS if points >= settings[level]), None)


def tags_with(level: str | None, tags: Iterable[str]) -> list[str]:
    """The tags with this level in place of any other; those that are not ours stay in their order."""
    others = [tag for tag in tags if tag.removeprefix(PREFIX) not in LEVELS or not tag.startswith(PREFIX)]
    return [*others, PREFIX + level] if level else others
