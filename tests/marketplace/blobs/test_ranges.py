import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.marketplace.blobs.ranges import Unsatisfiable, chosen, names, still_holds


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=99-", (99, 100)),
        ("bytes=10-19", (10, 20)),
        ("BYTES=10-19", (10, 20)),
        (" bytes=10-19 ", (10, 20)),
        ("bytes=10-1000", (10, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-1000", (0, 100)),
        # What is not one range of bytes is not looked at.
        ("bytes=-", None),
        ("bytes=19-10", None),
        ("bytes=0-1,3-4", None),
        ("bytes=a-b", None),
        ("bytes=0x1-2", None),
        ("bytes= 1-2", None),
        ("bytes=+1-2", None),
        ("bytes=١-٢", None),
        ("items=0-1", None),
        ("bytes", None),
        (f"bytes={'9' * 19}-", None),
    ],
)
def test_which_bytes_are_asked_for(header: str | None, part: tuple[int, int] | None) -> None:
    assert chosen(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", f"bytes={'9' * 18}-", "bytes=-0"])
def test_ranges_behind_the_end(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        chosen(header, 100)


@given(header=st.text() | st.from_regex(r"bytes=\d{0,4}-\d{0,4}", fullmatch=True), size=st.integers(0, 5_000))
def test_a_range_is_always_within(header: str, size: int) -> None:
    try:
        part = chosen(header, size)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part[0] < part[1] <= size


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (None, False),
        ("*", True),
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"x",W/"abc" ', True),
        ('"ab"', False),
        ("abc", False),
        ("", False),
    ],
)
def test_whether_somebody_has_it_already(header: str | None, named: bool) -> None:
    assert names(header, "abc") is named


@pytest.mark.parametrize(
    ("header", "holds"),
    [(None, True), ('"abc"', True), ('W/"abc"', False), ('"x"', False), ("Sun, 22 Nov 2026 20:00:00 GMT", False)],
)
def test_whether_a_range_may_be_continued(header: str | None, holds: bool) -> None:
    assert still_holds(header, "abc") is holds
