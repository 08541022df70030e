"""What is different in a file, as rows with the old and the new side, and with what cannot be seen marked."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from markupsafe import Markup, escape

ROWS = 400
"""How many rows are shown at a time."""

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")


@dataclass(frozen=True)
class Side:
    """A line of one side, with its number."""

    number: int
    text: Markup


@dataclass(frozen=True)
class Row:
    """Lines that face each other; or, where neither is there, how many lines were `skipped` that are the same."""

    old: Side | None
    new: Side | None
    changed: bool = False
    skipped: int = 0


def rows_of(diff: str) -> list[Row]:
    """The rows of a unified diff."""
    reading = _Reading()
    for line in diff.split("\n")[2:]:
        reading.take(line)
    reading.face()
    return reading.rows


class _Reading:
    """Goes through a unified diff line by line; what is gone waits for what has come in its place."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._old = self._new = 1
        self._removed: list[Side] = []
        self._added: list[Side] = []

    def take(self, line: str) -> None:
        text = marked(line[1:])
        if line.startswith("-"):
            self._removed.append(Side(self._old, text))
            self._old += 1
        elif line.startswith("+"):
            self._added.append(Side(self._new, text))
            self._new += 1
        elif hunk := _HUNK.match(line):
            self._jump(_start(hunk, 1), _start(hunk, 3))
        else:
            self._same(text)

    def face(self) -> None:
        pairs = zip_longest(self._removed, self._added)
        self.rows += [Row(old, new, changed=True) for old, new in pairs]
        self._removed, self._added = [], []

    def _jump(self, old: int, new: int) -> None:
        self.face()
        if old > self._old:
            self.rows.append(Row(None, None, skipped=old - self._old))
        self._old, self._new = old, new

    def _same(self, text: Markup) -> None:
        self.face()
        self.rows.append(Row(Side(self._old, text), Side(self._new, text)))
        self._old, self._new = self._old + 1, self._new + 1


def marked(text: str) -> Markup:
    """The line, escaped; characters that nobody can see, which were written as escapes, are marked and named."""
    return Markup("").join(_parts(text))


def counted(rows: Sequence[Row]) -> tuple[int, int]:
    """How many lines are new, and how many are gone."""
    changed = [row for row in rows if row.changed]
    return sum(row.new is not None for row in changed), sum(row.old is not None for row in changed)


def _start(hunk: re.Match[str], group: int) -> int:
    # A side without lines is said to begin before its first one.
    start, count = int(hunk[group]), hunk[group + 1]
    return start + 1 if count == "0" else start


def _parts(text: str) -> Iterator[Markup]:
    end = 0
    for found in _ESCAPE.finditer(text):
        character = _character(found)
        if character.isprintable():
            continue
        yield escape(text[end : found.start()])
        name = unicodedata.name(character, f"U+{ord(character):04X}")
        yield Markup('<mark class="unseen" title="{}">{}</mark>').format(name, found[0])
        end = found.end()
    yield escape(text[end:])


def _character(found: re.Match[str]) -> str:
    number = int(found[1] or found[2] or found[3], 16)
    return chr(number) if number < 0x110000 else " "
