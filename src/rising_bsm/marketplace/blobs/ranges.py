"""Which bytes of a blob were asked for (RFC 9110, sections 13 and 14)."""

import re

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r'(W/)?"([^"]*)"')


class Unsatisfiable(ValueError):
    """The range begins behind the last byte."""


def chosen(header: str | None, size: int) -> tuple[int, int] | None:
    """The range `header` asks for of `size` bytes, from the first to before the last; None for all of them.

    What is no single range of bytes is not looked at, as the standard allows. Raises Unsatisfiable.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:  # the last so many
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(int(last) + 1, size) if last else size


def names(header: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names this entity tag (without quotes), compared weakly."""
    if header is None:
        return False
    return header.strip() == "*" or tag in (found[1] for found in _TAG.findall(header))


def still_holds(header: str | None, tag: str) -> bool:
    """Whether `If-Range` lets a range be answered: it is absent, or exactly this tag; a date never is."""
    return header is None or header.strip() == f'"{tag}"'
