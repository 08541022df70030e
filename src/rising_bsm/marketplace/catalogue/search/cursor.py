"""Where a page ends: the place of its last plugin in the order, so that what is added elsewhere moves nothing."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rising_bsm.db import iso
from rising_bsm.errors import InvalidInput
from rising_bsm.marketplace.catalogue.search.query import MarketQuery

_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Place:
    """In the order of a search: how well it fits (0 is best), then the `key` that is sorted by, then the number."""

    tier: int
    key: int | float | datetime
    number: int

    def cursor(self, query: MarketQuery) -> str:
        """The place as text, of use for this very search alone."""
        key = iso(self.key) if isinstance(self.key, datetime) else self.key
        data = json.dumps([_search(query), self.tier, key, self.number], separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def place_of(query: MarketQuery) -> Place | None:
    """The place after which the page begins; raises InvalidInput (`catalogue.invalid_cursor`)."""
    if query.cursor is None:
        return None
    try:
        data = base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        search, tier, key, number = json.loads(data)
        if search != _search(query):
            raise ValueError("of another search")
        return Place(_whole(tier, 4), _key(query, key), _whole(number, _LARGEST))
    except (ValueError, TypeError, RecursionError):
        raise InvalidInput(
            "This is not where an earlier page of this search has ended.",
            code="catalogue.invalid_cursor",
            place="cursor",
            next_step="Send the next of the page before, with the same search, or begin without.",
        ) from None


def _search(query: MarketQuery) -> str:
    return hashlib.sha256(json.dumps(query.about).encode()).hexdigest()[:12]


def _whole(value: Any, at_most: int) -> int:
    if type(value) is not int or not 0 <= value <= at_most:
        raise ValueError("not a number that is counted to")
    return value


def _key(query: MarketQuery, value: Any) -> int | float | datetime:
    match query.sort:
        case "newest":
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=moment.tzinfo or None) if moment.tzinfo else _no_zone()
        case "rating":
            if type(value) not in (int, float) or not 0 <= value <= 5:
                raise ValueError("not a rating")
            return float(value)
    return _whole(value, _LARGEST)


def _no_zone() -> datetime:
    raise ValueError("a time without a zone is not a moment")
