import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.licensing import InvalidLicenceKey, LicenceKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY = LicenceKey.parse("RBSM-6Y09J-TMY4V-TS850-P9XFC-6CC31")
POSITIONS = [at for at, character in enumerate(KEY.text) if at > 4 and character != "-"]


def is_refused(text: str) -> bool:
    try:
        LicenceKey.parse(text)
    except InvalidLicenceKey as error:
        return error.code == "license.invalid_key"
    return False


def test_a_refused_key_is_not_repeated() -> None:
    wrong = KEY.text[:-1] + "Z"

    with pytest.raises(InvalidLicenceKey) as caught:
        LicenceKey.parse(wrong)
    assert wrong not in str(caught.value.as_dict())


def test_a_key_has_five_groups_of_crockfords_letters() -> None:
    assert re.fullmatch(f"RBSM(-[{ALPHABET}]{{5}}){{5}}", KEY.text)


def test_a_key_is_not_shown_by_accident() -> None:
    assert KEY.text not in f"{KEY!r} {KEY}"
    assert KEY.hint == KEY.text[-5:]


def test_keys_have_at_least_a_hundred_random_bits() -> None:
    keys = [LicenceKey.new().text.replace("-", "")[4:27] for _ in range(200)]

    assert all(len({key[at] for key in keys}) > 24 for at in range(23))


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda text: text.replace("-", ""),
        lambda text: text.replace("-", " "),
        lambda text: f"  {text}\n",
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: text.replace("0", "o").replace("1", "I").replace("1", "i"),
        lambda text: text.removeprefix("RBSM-"),
        lambda text: text.replace("-", "_"),
    ],
)
def test_how_people_write_a_key_does_not_matter(spell: object) -> None:
    for _ in range(20):
        key = LicenceKey.new()
        assert LicenceKey.parse(spell(key.text)) == key  # type: ignore[operator]
        assert LicenceKey.parse(spell(key.text)).digest == key.digest  # type: ignore[operator]


def test_dashes_of_word_processors_are_dashes() -> None:
    assert LicenceKey.parse(KEY.text.replace("-", "\u2013")) == KEY


@pytest.mark.parametrize("at", POSITIONS)
def test_one_wrong_character_is_always_noticed(at: int) -> None:
    others = set(ALPHABET) - {KEY.text[at]}

    assert all(is_refused(KEY.text[:at] + other + KEY.text[at + 1 :]) for other in others)


def test_two_characters_that_changed_places_are_always_noticed() -> None:
    for one, two in combinations(POSITIONS, 2):
        characters = list(KEY.text)
        characters[one], characters[two] = characters[two], characters[one]
        changed = "".join(characters)
        assert changed == KEY.text or is_refused(changed)


@given(st.text(max_size=60))
def test_anything_is_a_key_or_refused(text: str) -> None:
    assert is_refused(text)


@given(st.integers(0, len(KEY.text)), st.text(alphabet=ALPHABET + "-U ", min_size=1, max_size=3))
def test_a_key_with_more_in_it_is_refused(at: int, more: str) -> None:
    text = KEY.text[:at] + more + KEY.text[at:]

    assert is_refused(text) or LicenceKey.parse(text) == KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RBSM",
        KEY.text[:-1],
        KEY.text + "0",
        KEY.text.replace("RBSM", "RBSN"),
        KEY.text * 2,
        KEY.text.replace("S", "\u017f"),  # an S once it is a capital
        KEY.text + "\u0131",
        "RBSM-" + "U" * 25,
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    assert is_refused(text)
