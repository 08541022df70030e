"""The files of a submission: what is different in each, and what is in them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from rising_bsm.bundle import open_unsigned
from rising_bsm.errors import NotFound
from rising_bsm.runtime.text import visible
from rising_bsm.web.pages.operating.diffs import ROWS, Row, counted, marked, rows_of

_INLINE_ROWS = 1_500
"""Of a large submission only so many rows are in the page itself; the others are asked for."""

_LINE_CHARACTERS = 2_000


@dataclass(frozen=True)
class Difference:
    """A file that is another now: `rows` from `start` on, None for what cannot be compared line by line."""

    path: str
    status: str
    size_before: int | None
    size: int | None
    rows: list[Row] | None
    start: int
    total: int
    added: int
    removed: int

    @property
    def next(self) -> int | None:
        """Where the rows after these begin."""
        end = self.start + len(self.rows or ())
        return end if end < self.total else None


@dataclass(frozen=True)
class Content:
    """Some lines of a file from `start` on, numbered from 1; none for what is no text."""

    path: str
    size: int
    lines: list[tuple[int, Markup]]
    start: int
    total: int

    @property
    def next(self) -> int | None:
        """Where the lines after these begin."""
        end = self.start + len(self.lines)
        return end if end < self.total else None


def overview(told: Mapping[str, Any]) -> list[Difference]:
    """Every file that is another, with its first rows as long as there are not too many in all."""
    found, left = [], _INLINE_ROWS
    for entry in told["files"]:
        one = _difference(entry, 0, min(ROWS, max(left, 0)))
        left -= len(one.rows or ())
        found.append(one)
    return found


def difference(told: Mapping[str, Any], path: str, start: int) -> Difference:
    """One file's, from a row on. Raises NotFound (`submissions.no_file`)."""
    for entry in told["files"]:
        if entry["path"] == path:
            return _difference(entry, start, ROWS)
    raise _no_file(path)


def _difference(entry: Mapping[str, Any], start: int, most: int) -> Difference:
    about = {name: entry[name] for name in ("path", "status", "size_before", "size")}
    if entry["diff"] is None:
        return Difference(**about, rows=None, start=0, total=0, added=0, removed=0)
    rows = rows_of(entry["diff"])
    added, removed = counted(rows)
    shown = rows[start : start + most]
    return Difference(**about, rows=shown, start=start, total=len(rows), added=added, removed=removed)


async def content(data: bytes, path: str, start: int) -> Content:
    """Lines of a file of the bundle. Raises NotFound (`submissions.no_file`)."""
    bundle = await asyncio.to_thread(open_unsigned, data)
    if path not in bundle.files:
        raise _no_file(path)
    raw = bundle.files[path]
    lines = await asyncio.to_thread(_lines, raw)
    shown = [
        (number, marked(visible(line.replace("\t", "    "), _LINE_CHARACTERS)))
        for number, line in enumerate(lines[start : start + ROWS], start + 1)
    ]
    return Content(path, len(raw), shown, start, len(lines))


def _lines(raw: bytes) -> list[str]:
    try:
        return raw.decode().splitlines()
    except UnicodeDecodeError:
        return []


def _no_file(path: str) -> NotFound:
    return NotFound("The submission has no such file.", code="submissions.no_file", place=visible(path, 240))
