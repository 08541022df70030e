import xml.etree.ElementTree as Xml
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.web.charts import KINDS, Kind, chart
from rising_bsm.web.charts.scale import nice_ticks
from rising_bsm.web.charts.thin import thinned

VALUES = st.lists(st.one_of(st.none(), st.floats(), st.integers(-(10**20), 10**20)), max_size=40)
NUMBERS = st.floats(-1e15, 1e15, allow_nan=False)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿"), max_size=20)


def draw(kind: Kind = "bar", *, labels: tuple[str, ...] = ("a", "b"), values: tuple[float | None, ...] = (1, 2)) -> str:
    return chart(kind, labels, [("Visits", values)], title="Visits of the week")


@given(st.sampled_from(KINDS), st.lists(TEXTS, max_size=40), st.lists(st.tuples(TEXTS, VALUES), max_size=4), TEXTS)
def test_whatever_the_numbers_are_the_chart_is_well_formed(
    kind: Kind, labels: list[str], series: list[tuple[str, list[float | None]]], title: str
) -> None:
    drawn = chart(kind, labels, series, title=title, unit="kg")
    Xml.fromstring(drawn)
    assert "nan" not in _attributes(drawn)
    assert "inf" not in _attributes(drawn)
    assert "style=" not in drawn


def _attributes(drawn: str) -> str:
    shapes = [node for node in Xml.fromstring(drawn).iter() if node.tag in ("rect", "path", "circle", "line", "text")]
    return " ".join(value for node in shapes for name, value in node.attrib.items() if name != "class")


@given(st.lists(NUMBERS, max_size=20), st.integers(2, 10), st.booleans())
def test_ticks_enclose_all_values_and_are_evenly_spaced(values: list[float], most: int, zero: bool) -> None:
    ticks = nice_ticks(values, most, zero=zero)
    steps = [second - first for first, second in pairwise(ticks)]
    assert 2 <= len(ticks) <= most + 2
    assert all(step == pytest.approx(steps[0]) for step in steps)
    near = 1e-6 * steps[0]
    assert all(ticks[0] - near <= value <= ticks[-1] + near for value in values)


@pytest.mark.parametrize(
    ("values", "ticks"), [([3, 97], (0, 50, 100)), ([1284], (0, 1000, 2000)), ([-4, 4], (-5, 0, 5)), ([], (0, 0.5, 1))]
)
def test_ticks_are_round(values: list[float], ticks: tuple[float, ...]) -> None:
    assert nice_ticks(values, 3) == ticks


@given(st.lists(st.one_of(st.none(), NUMBERS), max_size=500), st.integers(1, 50))
def test_thinning_keeps_the_peak_and_no_more_than_asked_for(values: list[float | None], most: int) -> None:
    labels, [(_, kept)] = thinned([str(index) for index in range(len(values))], [("", values)], most)
    known = [value for value in values if value is not None]
    assert len(labels) == len(kept) == min(len(values), most)
    assert max(known, key=abs, default=None) in [*kept, None]


def test_thousands_of_points_are_drawn_as_hundreds() -> None:
    drawn = draw("line", labels=tuple(map(str, range(5000))), values=tuple(range(5000)))
    assert len(drawn) < 40_000
    assert "4,999" in drawn


def test_texts_are_texts() -> None:
    drawn = chart("bar", ['"><script>'], [("<img src=x>", [1])], title="' onload='alert(1)", unit="</svg>")
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert {node.tag for node in Xml.fromstring(drawn).iter()} >= {"figure", "svg", "rect", "table"}
    assert all("onload" not in node.attrib for node in Xml.fromstring(drawn).iter())


def test_the_numbers_are_there_for_those_who_do_not_see_the_picture() -> None:
    figure = Xml.fromstring(draw(labels=("Monday", "Tuesday"), values=(12.5, None)))
    svg, table = figure.find("svg"), figure.find("div/table")
    assert svg is not None
    assert table is not None
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "Visits of the week")
    assert [cell.text for cell in table.iter() if cell.tag in ("th", "td") and cell.text] == [
        *("Visits", "Monday", "12.5", "Tuesday", "–")
    ]


def test_a_line_is_interrupted_where_there_is_no_value() -> None:
    figure = Xml.fromstring(draw("line", labels=tuple("abcd"), values=(1, 2, None, 3)))
    line = next(node for node in figure.iter("path"))
    assert line.get("d", "").count("M") == 2


def test_a_bar_below_zero_hangs_from_zero() -> None:
    up, down = Xml.fromstring(draw(values=(5, -5))).iter("rect")
    assert float(down.get("y", "")) == pytest.approx(float(up.get("y", "")) + float(up.get("height", "")), abs=0.2)


def test_one_slice_is_a_whole_circle() -> None:
    slices = list(Xml.fromstring(draw("pie", values=(7, 0))).iter("path"))
    assert len(slices) == 1
    assert slices[0].get("d", "").count("A") == 2


@pytest.mark.parametrize("kind", KINDS)
def test_where_there_is_nothing_there_is_still_a_figure(kind: Kind) -> None:
    figure = Xml.fromstring(draw(kind, labels=(), values=()))
    assert figure.get("aria-label") == "Visits of the week"


def test_numbers_are_said_as_people_there_say_them() -> None:
    drawn = chart("bar", ["a"], [("x", [1234.5])], title="t", unit="€", say=lambda value: f"{value:.0f} DE")
    assert "1234 DE €" in drawn
