"""Samples and the table they are printed in."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table


class Samples:
    """Durations by what was measured and where."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], list[float]] = {}
        self._figures: list[tuple[str, str, str]] = []

    @contextmanager
    def time(self, what: str, where: str) -> Iterator[None]:
        """Measure a block."""
        started = time.perf_counter()
        yield
        self.add(what, where, time.perf_counter() - started)

    def add(self, what: str, where: str, seconds: float) -> None:
        """A duration that was measured elsewhere."""
        self._seconds.setdefault((what, where), []).append(seconds)

    def note(self, what: str, where: str, figure: str) -> None:
        """A figure that is not a duration."""
        self._figures.append((what, where, figure))

    def show(self) -> None:
        """Print all of it."""
        console = Console()
        durations = Table("what", "where", "median", "p99", "samples", title="Durations")
        for (what, where), seconds in self._seconds.items():
            ordered = sorted(seconds)
            p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
            durations.add_row(what, where, _ms(statistics.median(ordered)), _ms(p99), str(len(ordered)))
        figures = Table("what", "where", "figure", title="Rates and sizes")
        for row in self._figures:
            figures.add_row(*row)
        console.print(durations)
        console.print(figures)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3f} ms"
