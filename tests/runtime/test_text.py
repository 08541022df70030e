from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.runtime.text import visible, visible_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_what_cannot_be_seen_is_escaped() -> None:
    assert visible("a\nb\x1b[2J\x9b\u202e\u2028\ud800\U000e0001ü🙂\\n") == (
        "a\\nb\\x1b[2J\\x9b\\u202e\\u2028\\ud800\\U000e0001ü🙂\\n"
    )


def test_what_is_too_long_is_cut() -> None:
    assert visible("abcdef", 5) == "abcd…"
    assert visible("abcde", 5) == "abcde"
    assert visible("\n" * 1_000_000, 5) == "\\n\\n…"


@given(st.text(st.characters()), st.integers(1, 20))
def test_visible_text_is_one_short_line(text: str, characters: int) -> None:
    shown = visible(text, characters)

    assert shown.isprintable()
    assert len(shown) <= characters
    assert visible(shown, characters) == shown


@given(JSON)
def test_json_keeps_its_shape(value: object) -> None:
    shown = visible_json(value)

    assert visible_json(shown) == shown
    assert type(shown) is type(value)
