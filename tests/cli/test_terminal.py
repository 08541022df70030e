"""What strangers wrote never acts on the terminal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.cli.terminal import as_json, columns, plural, show_error, size, visible
from rising_bsm.errors import Error, InvalidInput

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202egnp\x9b31m\r\n\ud800"
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_escape_sequences_are_written_out() -> None:
    assert visible("a\x1b[31mb") == "a\\x1b[31mb"


def test_letters_of_every_script_stay() -> None:
    assert visible("Žluťoučký 東京 ünï 🎉") == "Žluťoučký 東京 ünï 🎉"


@given(st.text(st.characters()))
def test_nothing_that_acts_is_left(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(text, keep="\n").replace("\n", "").isprintable()


@given(JSON_VALUES)
def test_json_reads_back_equal_and_holds_nothing_that_acts(value: Any) -> None:
    text = as_json(value)
    assert json.loads(text) == value
    assert text.replace("\n", "").isprintable()


def test_hostile_json() -> None:
    assert as_json({"log": HOSTILE}).replace("\n", "").isprintable()


def test_hostile_errors(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(Error(HOSTILE, code=HOSTILE, place=HOSTILE, next_step=HOSTILE))
    show_error(InvalidInput("No.", fields={HOSTILE: HOSTILE}))
    assert capsys.readouterr().err.replace("\n", "").isprintable()


def test_columns_line_up_and_are_harmless() -> None:
    assert columns([("a", "bb", "c"), ("aaa", "b\x1b", "")]) == ["a    bb     c", "aaa  b\\x1b"]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (12_345, "12,345 files")]
)
def test_plural(count: int, expected: str) -> None:
    assert plural(count, "file") == expected


def test_plural_of_words_that_do_not_just_take_an_s() -> None:
    assert plural(2, "key of hers", "keys of hers") == "2 keys of hers"


@pytest.mark.parametrize(
    ("count", "expected"), [(1, "1 byte"), (999, "999 bytes"), (1_234, "1.2 KB"), (20_000_000, "20.0 MB")]
)
def test_size(count: int, expected: str) -> None:
    assert size(count) == expected
