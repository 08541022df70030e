"""Bait is found however it was written."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.analysis.markers import Markers

WRITINGS = {
    "plain": lambda raw: raw.decode("latin-1"),
    "upper": lambda raw: raw.decode("latin-1").upper(),
    "reversed": lambda raw: raw.decode("latin-1")[::-1],
    "base64": lambda raw: base64.b64encode(raw).decode(),
    "urlsafe": lambda raw: base64.urlsafe_b64encode(raw).decode(),
    "reversed base64": lambda raw: base64.b64encode(raw[::-1]).decode(),
    "hex": lambda raw: raw.hex(),
    "HEX": lambda raw: raw.hex().upper(),
    "quoted": quote,
    "percent": lambda raw: "".join(f"%{byte:02X}" for byte in raw),
}


@given(st.binary(max_size=20), st.binary(max_size=20), st.sampled_from(sorted(WRITINGS)), st.booleans())
def test_a_word_is_found_in_whatever_is_around_it(before: bytes, after: bytes, way: str, capital: bool) -> None:
    markers = Markers(b"seed")
    word = markers.word("customers.name")
    text = WRITINGS[way](before + (word.capitalize() if capital else word).encode() + after)
    assert [found.what for found in markers.seen_in(text)] == ["customers.name"]


@given(st.text(max_size=300))
def test_nothing_else_is(text: str) -> None:
    markers = Markers(b"seed")
    markers.word("customers.name")
    markers.digits("customers.phone")
    assert markers.seen_in(text) == []


def test_numbers_are_found_with_spaces_in_them() -> None:
    markers = Markers(b"seed")
    digits = markers.digits("customers.phone")
    text = f"+49 {digits[:3]} {digits[3:6]}-{digits[6:]}"
    assert [found.what for found in markers.seen_in(text)] == ["customers.phone"]


@pytest.mark.parametrize("seeds", [(b"a", b"b")])
def test_every_run_has_words_of_its_own(seeds: tuple[bytes, bytes]) -> None:
    words = {Markers(seed).word(what) for seed in seeds for what in ("customers.name", "customers.email")}
    assert len(words) == 4
