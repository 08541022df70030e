import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.marketplace.catalogue.search.documents import document, levelled
from rising_bsm.marketplace.catalogue.search.matching import fts_query, tsquery
from rising_bsm.marketplace.catalogue.search.words import Term, facet, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Loyalty Points!", ["loyalty", "points"]),
        ("CAFÉ Müller Straße", ["cafe", "muller", "strasse"]),
        ("e\u0301te\u0301 été", ["ete"]),
        ("ﬁne Ⅳ x²", ["fine", "iv", "x2"]),
        ("snake_case a-b a.b", ["snake", "case", "a", "b"]),
        ("会計ソフト", ["会", "計", "ソ", "フ", "ト"]),
        ("İstanbul ISTANBUL", ["istanbul"]),
        ("  \0\ud800 '\"*()^:{}=~|&!\\ ", []),
        ("x" * 99, ["x" * 40]),
    ],
)
def test_words_have_no_case_no_accents_and_no_punctuation(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text())
def test_words_of_words_are_the_words(text: str) -> None:
    found = words(text)
    assert all(word.isalnum() for word in found)
    assert set(words(" ".join(found))) == set(found)


def test_what_is_still_being_typed_may_go_on() -> None:
    assert terms("to pay inv") == [Term("to", False), Term("pay", True), Term("inv", True)]
    assert terms("of a") == [Term("of", False), Term("a", True)]
    assert len(terms(" ".join(f"w{n}" for n in range(99)))) == 10


@given(st.text())
def test_no_text_has_a_facet(text: str) -> None:
    assert facet("tag", "x") not in words(text)


def test_what_databases_are_asked() -> None:
    typed, wanted = [Term("a", False), Term("pay", True)], [facet("tag", "x-y")]
    assert fts_query(typed, wanted, 2) == '("2a" AND "2pay" *) AND "=tag=x-y" NOT ("1a" AND "1pay" *)'
    assert fts_query(typed, [], 0) == '("1a" AND "1pay")'
    assert fts_query(typed, wanted) == '("4a" AND "4pay" *) AND "=tag=x-y"'
    assert fts_query([], wanted) == '"=tag=x-y"'
    assert tsquery(typed, wanted, 2) == "'a':AB & 'pay':*AB & '=tag=x-y' & !('a':A & 'pay':*A)"
    assert tsquery([], wanted) == "'=tag=x-y'"


def test_a_word_in_several_places_is_one_word() -> None:
    found = {"name": ["pay"], "tags": ["pay"], "description": ["now"], "readme": []}
    assert document(found, ["=tag=x"]) == "'=tag=x':1D 'pay':65A,66B 'now':67C"


def test_a_word_is_on_every_level_that_knows_it() -> None:
    found = {"name": ["pay"], "tags": ["pay", "2"], "description": ["now"], "readme": []}
    assert levelled(found, ["=tag=x"]) == "1pay 2pay 22 3pay 32 3now 4pay 42 4now =tag=x"
