from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict, Field

from rising_bsm.accounts.validation import NULL_IS_EMPTY, ONE_LINE, SEVERAL_LINES, Email, Input, canonical_email
from rising_bsm.errors import InvalidInput

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


class Thing(Input):
    model_config = ConfigDict(strict=True)
    refusal = "things.invalid"

    name: Annotated[str, Field(min_length=1, max_length=5), ONE_LINE]
    email: Email = "a@b.example"
    text: Annotated[str, Field(max_length=9), SEVERAL_LINES, NULL_IS_EMPTY] = ""
    kind: Literal["big", "small"] = "big"
    count: Annotated[int, Field(ge=1, le=9)] = 1
    flag: bool = False
    tags: Annotated[list[str], Field(max_length=2)] = Field(default=[])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This must not be empty."),
        ("name", " \t ", "This must not be empty."),
        ("name", "123456", "This must have at most 5 characters."),
        ("name", 5, "This must be text."),
        ("name", None, "This must be text."),
        ("name", "\ud800", "This is not valid Unicode text."),
        ("name", "a\nb", "This must be one line of text without control characters."),
        ("name", "a\0b", "This must be one line of text without control characters."),
        ("name", "a\x1bb", "This must be one line of text without control characters."),
        ("name", "a\u2028b", "This must be one line of text without control characters."),
        ("name", "a\u202eb", "This must be one line of text without control characters."),
        ("name", "a\u2066b", "This must be one line of text without control characters."),
        ("text", "a\0b", "This must be text without control characters."),
        ("text", "a\rb", "This must be text without control characters."),
        ("text", 7, "This must be text."),
        ("email", "x", "This is not a valid e-mail address: An email address must have an @-sign."),
        ("email", "", "This must not be empty."),
        ("kind", "huge", "This must be one of 'big' or 'small'."),
        ("count", 0, "This must be at least 1."),
        ("count", 10, "This must be at most 9."),
        ("count", "1", "This must be a whole number."),
        ("flag", "yes", "This must be true or false."),
        ("flag", 1, "This must be true or false."),
        ("tags", "a", "This must be a list."),
        ("tags", ["a", "b", "c"], "There must be at most 2 of these."),
        ("colour", "red", "There is no field of this name to write."),
    ],
)
def test_each_wrong_value_gets_its_sentence(field: str, value: object, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Thing.of({"name": "ok"} | {field: value})

    assert refusal.value.fields == {field: sentence}
    assert (refusal.value.code, refusal.value.place) == ("things.invalid", field)


def test_all_wrong_fields_are_reported_at_once_those_inside_lists_by_their_place() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Thing.of({"email": "x", "tags": ["a", 1], "colour": "red"})

    assert set(refusal.value.fields) == {"name", "email", "tags.1", "colour"}
    assert refusal.value.fields["name"] == "This field is required."
    assert refusal.value.message == "These fields are wrong: name, email, tags.1, colour."


@given(JSON)
def test_whatever_is_sent_is_accepted_or_refused_in_sentences(data: object) -> None:
    _check(data)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*Thing.model_fields, "other"], JSON)))
def test_whatever_is_sent_in_fields_is_accepted_or_refused_in_sentences(data: object) -> None:
    _check(data)


def _check(data: object) -> None:
    thing, fields = _read(data)
    if thing:
        assert Thing.of(thing.model_dump()) == thing
    else:
        assert fields
        assert all(sentence.endswith(".") for sentence in fields.values())


def _read(data: object) -> tuple[Thing | None, dict[str, str]]:
    try:
        return Thing.of(data), {}
    except InvalidInput as error:
        return None, error.fields


def test_text_is_stripped_and_composed() -> None:
    thing = Thing.of({"name": "  u\u0308x ", "text": "\r\na\r\nb\tc\r\n"})

    assert (thing.name, thing.text) == ("üx", "a\nb\tc")


def test_null_leaves_out_only_what_may_be_left_out() -> None:
    assert Thing.of({"name": "ok", "text": None}).text == ""


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Jane.Doe@Example.COM", "jane.doe@example.com"),
        (" a@b.example ", "a@b.example"),
        ("a+b@c.example", "a+b@c.example"),
        ("o'hara@x.example", "o'hara@x.example"),
        ("jürgen@bücher.example", "jürgen@bücher.example"),
        ("jane@xn--bcher-kva.example", "jane@bücher.example"),
        ("Jane <jane@x.example>", None),
        ("jane@localhost", None),
        ("jane@x.example, joe@x.example", None),
        ("jane@[127.0.0.1]", None),
        ('"jane doe"@x.example', None),
        ("jane@x..example", None),
        ("jane@x.example\nbcc: joe@x.example", None),
        ("jane\0@x.example", None),
        ("a" * 65 + "@x.example", None),
        ("", None),
    ],
)
def test_the_form_in_which_an_email_address_is_stored(typed: str, canonical: str | None) -> None:
    assert canonical_email(typed) == canonical
    assert canonical is None or canonical_email(canonical) == canonical


@given(st.emails() | st.text())
def test_the_stored_form_of_an_email_address_is_stable(text: str) -> None:
    canonical = canonical_email(text)

    assert canonical is None or canonical_email(canonical) == canonical_email(canonical.upper()) == canonical
