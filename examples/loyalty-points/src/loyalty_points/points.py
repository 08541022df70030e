"""The points of customers, as they are kept: one entry for each appointment, and one for what was given by hand."""

from collections import Counter

from rising_bsm_sdk import Context

PREFIX = "points/"


def bonus_of(customer_id: str) -> str:
    """Where the points are that somebody was given by hand."""
    return f"{PREFIX}{customer_id}/bonus"


def points_of(ctx: Context, customer_id: str) -> int:
    """The sum over all appointments of a customer, and of what was given by hand."""
    return sum(ctx.storage.list(f"{PREFIX}{customer_id}/", limit=1000).values())


def members_of(ctx: Context) -> Counter[str]:
    """The points of all customers who have some, by their ids."""
    found: Counter[str] = Counter()
    for key, points in ctx.storage.list(PREFIX, limit=1000).items():
        found[key.split("/")[1]] += points
    return found
