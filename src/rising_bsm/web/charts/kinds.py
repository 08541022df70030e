"""Bars, lines, areas, slices and sparklines."""

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from rising_bsm.web.charts.frame import WIDTH, Frame, Numbers, colour, point
from rising_bsm.web.charts.scale import Scale, nice_ticks
from rising_bsm.web.charts.svg import element, joined

_DOTS = 40
_SLICE_STEPS = 2 * math.pi


def bars(numbers: Numbers, height: float) -> Markup:
    """A bar for each value, those of one label side by side."""
    frame = Frame.around(numbers, height)
    return frame.axes() + joined(_bar(frame, row, index, value) for row, index, value in _values(numbers))


def _bar(frame: Frame, row: int, index: int, value: float) -> Markup:
    width = frame.slot * 0.8 / len(frame.numbers.series)
    left = frame.x(index) - frame.slot * 0.4 + row * width
    top, bottom = sorted((frame.y.at(value), frame.y.at(0)))
    size = {"width": max(width - 1, 0.5), "height": max(bottom - top, 0.5), "rx": 1.5}
    tip = _tip(frame.numbers, row, index, value)
    return element("rect", tip, class_=f"chart-bar {colour(row)}", x=left, y=top, **size)


def lines(numbers: Numbers, height: float) -> Markup:
    """A line for each series, interrupted where there is no value."""
    frame = Frame.around(numbers, height)
    return frame.axes() + joined(_line(frame, row) for row in range(len(numbers.series))) + _dots(frame)


def areas(numbers: Numbers, height: float) -> Markup:
    """As `lines`, and what lies between each and zero is filled."""
    frame = Frame.around(numbers, height)
    rows = range(len(numbers.series))
    return frame.axes() + joined(_area(frame, row) + _line(frame, row) for row in rows) + _dots(frame)


def _line(frame: Frame, row: int) -> Markup:
    runs = (_path(frame, run) for run in _runs(frame.numbers.series[row][1]))
    return element("path", class_=f"chart-line {colour(row)}", d=" ".join(runs))


def _area(frame: Frame, row: int) -> Markup:
    zero, found = frame.y.at(0), _runs(frame.numbers.series[row][1])
    closed = (
        f"{_path(frame, run)} L{point(frame.x(run[-1][0]), zero)} L{point(frame.x(run[0][0]), zero)} Z" for run in found
    )
    return element("path", class_=f"chart-area {colour(row)}", d=" ".join(closed))


def _path(frame: Frame, run: Sequence[tuple[int, float]]) -> str:
    return "M" + " L".join(point(frame.x(index), frame.y.at(value)) for index, value in run)


def _dots(frame: Frame) -> Markup:
    numbers = frame.numbers
    if len(numbers.labels) > _DOTS:
        return Markup("")
    return joined(
        element(
            "circle",
            _tip(numbers, row, index, value),
            class_=f"chart-dot {colour(row)}",
            cx=frame.x(index),
            cy=frame.y.at(value),
            r="3",
        )
        for row, index, value in _values(numbers)
    )


def sparkline(numbers: Numbers, height: float) -> Markup:
    """A line alone, without axes."""
    ticks = nice_ticks(numbers.known, zero=False)
    count = max(1, len(numbers.labels) - 1)
    y = Scale((min(numbers.known, default=ticks[0]), max(numbers.known, default=ticks[-1])), height - 3, 3.0)
    if y.ticks[0] >= y.ticks[-1]:
        y = Scale(ticks, height - 3, 3.0)
    paths = (
        "M" + " L".join(point(3 + index / count * (WIDTH / 4 - 6), y.at(value)) for index, value in run)
        for _, values in numbers.series[:1]
        for run in _runs(values)
    )
    return element("path", class_="chart-line series-1", d=" ".join(paths))


def pie(numbers: Numbers, height: float) -> Markup:
    """A slice for each value of the first series that is above zero."""
    found = [(index, value) for row, index, value in _values(numbers) if row == 0 and value > 0]
    whole, done, slices = sum(value for _, value in found), 0.0, []
    for index, value in found:
        share = value / whole
        shape = _slice(done, share, height / 2)
        slices.append(element("path", _tip(numbers, 0, index, value), class_=f"chart-slice {colour(index)}", d=shape))
        done += share
    return joined(slices)


def _slice(start: float, share: float, radius: float) -> str:
    # All around is two halves: an arc that ends where it began is none.
    if share >= 1:
        return _slice(0, 0.5, radius) + " " + _slice(0.5, 0.5, radius)
    edge, middle = radius - 2, point(radius, radius)
    first, last = (
        point(radius + edge * math.sin(_SLICE_STEPS * part), radius - edge * math.cos(_SLICE_STEPS * part))
        for part in (start, start + share)
    )
    return f"M{middle} L{first} A{edge:g} {edge:g} 0 {int(share > 0.5)} 1 {last} Z"


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _values(numbers: Numbers) -> Iterator[tuple[int, int, float]]:
    for row, (_, values) in enumerate(numbers.series):
        for index, value in enumerate(values):
            if value is not None:
                yield row, index, value


def _tip(numbers: Numbers, row: int, index: int, value: float) -> Markup:
    name = numbers.series[row][0]
    said = [numbers.labels[index], *([name] if name else []), numbers.say(value)]
    return element("title", " · ".join(said))
