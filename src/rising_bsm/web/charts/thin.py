"""Fewer points where there are more than a picture can show."""

from collections.abc import Sequence
from itertools import pairwise

Values = Sequence[float | None]


def thinned(
    labels: Sequence[str], series: Sequence[tuple[str, Values]], most: int
) -> tuple[list[str], list[tuple[str, list[float | None]]]]:
    """At most `most` labels; of what falls together the value is kept that is the furthest from zero.

    Peaks stay to be seen so, which an average would hide.
    """
    count = min(len(labels), most)
    edges = [index * len(labels) // count for index in range(count + 1)] if count else [0]
    spans = list(pairwise(edges))
    kept = [(name, [_furthest(values[first:last]) for first, last in spans]) for name, values in series]
    return [labels[first] for first, _ in spans], kept


def _furthest(values: Values) -> float | None:
    return max((value for value in values if value is not None), key=abs, default=None)
