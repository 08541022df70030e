"""What a plugin returned, before it is known to be a tree: how large and deep it is, and texts made harmless."""

import math
from dataclasses import dataclass
from typing import Any

from rising_bsm.sandbox import BadResult

_INVISIBLE = [*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]
# What turns text around (Unicode, UAX 9, 2.1 to 2.4), and what has no business in text but to hide.
_DIRECTIONS = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]
_HARMLESS: dict[int, str | None] = dict.fromkeys([*_INVISIBLE, *_DIRECTIONS], None)
_HARMLESS |= {0x2028: "\n", 0x2029: "\n", 0x0D: None} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

OPAQUE = frozenset({"values", "state"})
"""What nobody is shown, and comes back to the plugin as it is."""


class InvalidTree(BadResult):
    """What a plugin returned cannot be shown; `place` says where in it (`Card.children[2].value`)."""

    code = "ui.invalid_tree"


def invalid(message: str, place: str | None = None) -> InvalidTree:
    """The refusal of a tree because of what is at this place in it."""
    step = "Its author finds what each node takes in the reference of the ui kit."
    return InvalidTree(message, place=place or None, next_step=step)


@dataclass(frozen=True)
class TreeLimits:
    """How much one component may show; `values_bytes` is for what a button or form brings along, `state_bytes` for what
    all of them do."""

    depth: int = 12
    nodes: int = 2_000
    text_bytes: int = 10 * 1024
    nesting: int = 64
    values_bytes: int = 8 * 1024
    state_bytes: int = 2 * 1024


DEFAULT_LIMITS = TreeLimits()


def harmless(text: str) -> str:
    """The text without what cannot be seen and what turns the text around it the other way."""
    return text if text.isascii() and text.isprintable() else text.translate(_HARMLESS)


class Cleaner:
    """Makes one tree harmless, and refuses one that is beyond the limits."""

    def __init__(self, limits: TreeLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._nodes = 0

    def clean(self, value: Any, path: str = "", *, depth: int = 0, nesting: int = 0) -> Any:
        """The value with all its texts harmless; raises InvalidTree."""
        if nesting > self._limits.nesting:
            raise invalid("It is nested too deeply.", path)
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, dict):
            return self._object(value, path, depth, nesting + 1)
        if isinstance(value, list):
            return [
                self.clean(item, f"{path}[{index}]", depth=depth, nesting=nesting + 1)
                for index, item in enumerate(value)
            ]
        if isinstance(value, float) and not math.isfinite(value):
            raise invalid("It holds what is no number.", path)
        return value

    def _object(self, value: dict[Any, Any], path: str, depth: int, nesting: int) -> dict[str, Any]:
        kind = value.get("type")
        if isinstance(kind, str):
            depth += 1
            self._count(path, depth)
            path = path if "." in path else kind[:80]
        return {
            self._text(str(key), path): item
            if key in OPAQUE and isinstance(kind, str)
            else self.clean(item, f"{path}.{str(key)[:80]}", depth=depth, nesting=nesting)
            for key, item in value.items()
        }

    def _count(self, path: str, depth: int) -> None:
        self._nodes += 1
        if depth > self._limits.depth:
            raise invalid(f"Nodes stand in each other more than {self._limits.depth} deep.", path)
        if self._nodes > self._limits.nodes:
            raise invalid(f"There are more than {self._limits.nodes:,} nodes.", path)

    def _text(self, text: str, path: str) -> str:
        clean = harmless(text)
        if len(clean.encode()) > self._limits.text_bytes:
            raise invalid(f"A text has more than {self._limits.text_bytes:,} bytes.", path)
        return clean
