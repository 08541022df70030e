"""What the kinds of charts have in common: the numbers, the room they are drawn in, axes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rising_bsm.web.charts.scale import Scale, every, nice_ticks
from rising_bsm.web.charts.svg import element, joined, number

WIDTH = 600.0
COLOURS = 8
_LABELS, _LABEL_CHARACTERS, _CHARACTER = 8, 12, 6.6
_TOP, _RIGHT, _BOTTOM = 10.0, 12.0, 24.0


@dataclass(frozen=True)
class Numbers:
    """What is drawn: for each of `labels` one value in each row of `series`; `say` writes a value for people."""

    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    say: Callable[[float], str]

    @property
    def known(self) -> list[float]:
        """All values that there are."""
        return [value for _, values in self.series for value in values if value is not None]


@dataclass(frozen=True)
class Frame:
    """Room for a picture with axes: `y` places values; labels are spread evenly from `left` to `right`."""

    numbers: Numbers
    y: Scale
    left: float
    right: float
    bottom: float

    @classmethod
    def around(cls, numbers: Numbers, height: float) -> "Frame":
        """A frame with room for the numbers at its left and the labels below."""
        ticks = nice_ticks(numbers.known)
        left = 12 + max(len(numbers.say(tick)) for tick in ticks) * _CHARACTER
        bottom = height - _BOTTOM
        return cls(numbers, Scale(ticks, bottom, _TOP), min(left, WIDTH / 3), WIDTH - _RIGHT, bottom)

    @property
    def slot(self) -> float:
        """How wide the room of one label is."""
        return (self.right - self.left) / max(1, len(self.numbers.labels))

    def x(self, index: int) -> float:
        """The middle of the room of a label."""
        return self.left + (index + 0.5) * self.slot

    def axes(self) -> Markup:
        """Lines with their numbers, and labels."""
        return element("g", joined(map(self._line, self.y.ticks)), joined(self._labels()), class_="chart-axes")

    def _line(self, tick: float) -> Markup:
        y = self.y.at(tick)
        kind = "chart-zero" if tick == 0 else "chart-grid"
        line = element("line", class_=kind, x1=self.left, x2=self.right, y1=y, y2=y)
        return line + element("text", self.numbers.say(tick), x=self.left - 6, y=y + 4, text_anchor="end")

    def _labels(self) -> list[Markup]:
        shown = every(len(self.numbers.labels), _LABELS)
        return [
            element("text", _short(self.numbers.labels[index]), x=self.x(index), y=self.bottom + 17, text_anchor=anchor)
            for index in shown
            for anchor in [self._anchor(index)]
        ]

    def _anchor(self, index: int) -> str:
        # Where the room of a label is narrow, text in its middle would be cut at the edges.
        if self.slot > _LABEL_CHARACTERS * _CHARACTER:
            return "middle"
        return "start" if index == 0 else "end" if index == len(self.numbers.labels) - 1 else "middle"


def colour(index: int) -> str:
    """The class that colours a series."""
    return f"series-{index % COLOURS + 1}"


def point(x: float, y: float) -> str:
    """A place, as paths have it."""
    return f"{number(x)} {number(y)}"


def _short(label: str) -> str:
    return label if len(label) <= _LABEL_CHARACTERS else label[: _LABEL_CHARACTERS - 1] + "…"
