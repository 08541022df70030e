"""Differences as rows: nothing is lost, nothing is markup, what hides is marked."""

from difflib import unified_diff

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from rising_bsm.runtime.text import visible
from rising_bsm.web.pages.operating.diffs import Side, counted, marked, rows_of

LINES = st.lists(st.sampled_from(["", "a", "b", "-a", "+b", "@@ -1 +1 @@", "--- x", "<i>", "\\u202e"]), max_size=30)


@given(LINES, LINES, st.integers(0, 3))
def test_every_line_stands_where_it_is(old: list[str], new: list[str], around: int) -> None:
    found = rows_of("\n".join(unified_diff(old, new, "a/x", "b/x", lineterm="", n=around)))
    for lines, sides in ((old, [row.old for row in found]), (new, [row.new for row in found])):
        for side in filter(None, sides):
            assert side.text == marked(lines[side.number - 1])
    shown_old = {row.old.number for row in found if row.changed and row.old}
    shown_new = {row.new.number for row in found if row.changed and row.new}
    kept = [line for number, line in enumerate(old, 1) if number not in shown_old]
    assert kept == [line for number, line in enumerate(new, 1) if number not in shown_new]
    assert counted(found) == (len(shown_new), len(shown_old))


@given(LINES, LINES)
def test_what_is_left_out_is_counted(old: list[str], new: list[str]) -> None:
    found = rows_of("\n".join(unified_diff(old, new, "a/x", "b/x", lineterm="", n=0)))
    number = 0
    for row in found:
        assert bool(row.skipped) == (row.old is None and row.new is None)
        number += row.skipped
        if row.old:
            number += 1
            assert row.old.number == number


def test_lines_that_changed_face_each_other() -> None:
    found = rows_of("\n".join(unified_diff(["x = 1", "y = 2"], ["x = 1", "y = 3", "z = 4"], lineterm="")))
    assert [(row.changed, row.old and row.old.text, row.new and row.new.text) for row in found] == [
        (False, "x = 1", "x = 1"),
        (True, "y = 2", "y = 3"),
        (True, None, "z = 4"),
    ]
    assert found[2].new == Side(3, Markup("z = 4"))


@given(st.text() | st.text(st.sampled_from("<>&\"'a\u202e\\u2")))
@example("<script>")
def test_a_line_is_never_markup(text: str) -> None:
    shown = marked(visible(text, 10_000))
    plain = shown.striptags() if "mark" in shown else None
    assert shown.isprintable()
    assert "<" not in shown.replace('<mark class="unseen" title="', "").replace("</mark>", "")
    assert plain is not None or shown == escape(visible(text, 10_000))


HIDDEN = [
    ("\u202e", "RIGHT-TO-LEFT OVERRIDE"),
    ("\x1b", "U+001B"),
    ("\u200b", "ZERO WIDTH SPACE"),
    ("\U000e0041", "TAG"),
]


@pytest.mark.parametrize(("character", "name"), HIDDEN)
def test_what_hides_is_marked_and_named(character: str, name: str) -> None:
    shown = marked(visible(f"a{character}b"))
    assert character not in shown
    assert f'<mark class="unseen" title="{name}' in shown


@pytest.mark.parametrize("text", ["\\x41", "\\u0041", "\\q", "\\Uffffffff", "a\\"])
def test_other_escapes_are_left_alone(text: str) -> None:
    assert marked(text) == escape(text)
