"""One chart: the picture, its legend, and a table with its numbers for those who do not see the picture."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

from markupsafe import Markup

from rising_bsm.web.charts import kinds
from rising_bsm.web.charts.frame import WIDTH, Numbers, colour
from rising_bsm.web.charts.scale import drawable
from rising_bsm.web.charts.svg import element, joined
from rising_bsm.web.charts.thin import Values, thinned

Kind = Literal["bar", "line", "area", "pie", "sparkline"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Series = tuple[str, Values]

_MOST: Mapping[Kind, int] = {"bar": 120, "line": 300, "area": 300, "pie": 24, "sparkline": 150}
_HEIGHT: Mapping[Kind, int] = {"bar": 220, "line": 220, "area": 220, "pie": 180, "sparkline": 36}
_DRAW = {"bar": kinds.bars, "line": kinds.lines, "area": kinds.areas, "pie": kinds.pie, "sparkline": kinds.sparkline}
_ROWS = 60


def chart(
    kind: Kind,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    unit: str = "",
    height: int | None = None,
    say: Callable[[float], str] | None = None,
) -> Markup:
    """A `<figure>` with the values of each series, one for each of `labels`; what is None is left out.

    A pie has the first series alone. `say` writes a number for people. Where there are more labels than a picture can
    show, of those that fall together the value is shown that is the furthest from zero.
    """
    numbers = _numbers(kind, labels, series, _with_unit(say or _plain, unit))
    if not numbers.known:
        return element("figure", element("p", "–", class_="chart-empty"), class_="chart", aria_label=title)
    size = float(height or _HEIGHT[kind])
    width = {"pie": size, "sparkline": WIDTH / 4}.get(kind, WIDTH)
    about = {"role": "img", "aria_label": title, "view_box": f"0 0 {width:g} {size:g}"}
    picture = element("svg", _DRAW[kind](numbers, size), width=width, height=size, **about)
    parts = (picture, _legend(kind, numbers), _table(numbers, title))
    return element("figure", *parts, class_=f"chart chart-of-{kind}")


def _numbers(kind: Kind, labels: Sequence[str], series: Sequence[Series], say: Callable[[float], str]) -> Numbers:
    count = max((len(values) for _, values in series), default=0)
    names = [*labels[:count], *[""] * (count - len(labels))]
    clean = [(name, [*map(drawable, values), *[None] * (count - len(values))]) for name, values in series]
    return Numbers(*thinned(names, clean[:1] if kind == "pie" else clean, _MOST[kind]), say)


def _legend(kind: Kind, numbers: Numbers) -> Markup:
    if kind == "sparkline" or (kind != "pie" and len(numbers.series) < 2):
        return Markup("")
    names = list(numbers.labels) if kind == "pie" else [name for name, _ in numbers.series]
    items = (element("li", element("span", class_=f"chart-key {colour(row)}"), name) for row, name in enumerate(names))
    return element("ul", joined(items), class_="chart-legend", aria_hidden="true")


def _table(numbers: Numbers, title: str) -> Markup:
    labels, series = thinned(numbers.labels, numbers.series, _ROWS)
    head = element("tr", element("td"), *(element("th", name or title, scope="col") for name, _ in series))
    rows = (_row(label, [values[index] for _, values in series], numbers) for index, label in enumerate(labels))
    table = element("table", element("caption", title), element("thead", head), element("tbody", *rows))
    return element("div", table, class_="visually-hidden")


def _row(label: str, values: list[float | None], numbers: Numbers) -> Markup:
    cells = (element("td", "–" if value is None else numbers.say(value)) for value in values)
    return element("tr", element("th", label, scope="row"), *cells)


def _with_unit(say: Callable[[float], str], unit: str) -> Callable[[float], str]:
    return (lambda value: f"{say(value)} {unit}") if unit else say


def _plain(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
