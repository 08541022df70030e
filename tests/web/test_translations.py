"""Everything that the pages say is translated, and says the same."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tools import messages  # noqa: E402

from rising_bsm.web.preferences import LANGUAGES  # noqa: E402

FILES = sorted(messages.LOCALE.glob("*.po"))
_PLACE = re.compile(r"%(?:\((\w+)\))?[s%]")
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def translated(file: Path) -> Iterator[tuple[str, str]]:
    """Every translation of the file, each form of a plural on its own, with the text that it is for."""
    for one in messages.read(file):
        texts, strings = (one.id, one.string) if isinstance(one.id, tuple) else ((one.id,), (one.string,))
        for number, string in enumerate(strings):
            if texts[0]:
                yield texts[min(number, len(texts) - 1)], string


def places(text: str) -> set[str]:
    return {found.group() for found in _PLACE.finditer(text)}


def test_every_language_but_that_of_the_source_has_a_file() -> None:
    assert [file.stem for file in FILES] == sorted(set(LANGUAGES) - {next(iter(LANGUAGES))})


@each_file
def test_the_file_is_as_make_messages_writes_it(file: Path) -> None:
    said, known = {one.id for one in messages.collected()}, {one.id for one in messages.read(file)}
    assert known == said, f"run `make messages`, which adds {said - known} and removes {known - said}"
    assert file.read_text(encoding="utf-8") == messages.updated(file), "run `make messages`"


@each_file
def test_everything_is_translated_for_good(file: Path) -> None:
    catalog = messages.read(file)
    assert messages.untranslated(catalog) == []
    assert [one.id for one in catalog if one.fuzzy and one.id] == []
    assert not catalog.obsolete


@each_file
def test_a_translation_has_the_places_of_its_text_and_no_markup(file: Path) -> None:
    for text, string in translated(file):
        assert places(string) == places(text), (text, string)
        assert not re.search(r"[<>]|&\w+;", string), string


@each_file
def test_a_plural_has_as_many_forms_as_the_language(file: Path) -> None:
    catalog = messages.read(file)
    assert all(len(one.string) == catalog.num_plurals for one in catalog if isinstance(one.id, tuple))


def test_what_is_untranslated_is_found() -> None:
    catalog = Catalog(locale="de")
    catalog.add("Customer", "Kunde")
    catalog.add("Appointment")
    catalog.add(("%(n)s day", "%(n)s days"), ("%(n)s Tag", ""))
    assert messages.untranslated(catalog) == ["Appointment", "('%(n)s day', '%(n)s days')"]


def test_texts_of_templates_of_code_and_of_permissions_are_collected() -> None:
    said = {one.id for one in messages.collected()}
    assert {"Customers", ("%(n)s entry", "%(n)s entries"), "See customers and search among them"} <= said
    assert "Too many attempts to sign in." in said
