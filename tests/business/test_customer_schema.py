import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.business.countries import COUNTRY_CODES
from rising_bsm.business.customers import CustomerDraft, CustomerQuery
from rising_bsm.business.customers.model import FIELDS
from rising_bsm.errors import InvalidInput

MINIMUM = {"name": "Ada", "email": "ada@x.example"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def test_a_customer_needs_a_name_and_an_address_and_nothing_else() -> None:
    draft = CustomerDraft.of(MINIMUM).model_dump()

    assert tuple(draft) == FIELDS
    assert draft == dict.fromkeys(FIELDS, "") | MINIMUM | {
        "type": "private",
        "status": "active",
        "newsletter": False,
        "tags": [],
    }


def test_what_is_written_differently_is_stored_alike() -> None:
    sent = {
        "name": "  Ada Lovelace ",
        "email": "ADA@X.Example",
        "country": "gb",
        "phone": None,
        "tags": ["vip", " vip ", "VIP"],
        "notes": "a\r\nb",
    }

    draft = CustomerDraft.of(sent)

    assert (draft.name, draft.email, draft.country, draft.phone) == ("Ada Lovelace", "ada@x.example", "GB", "")
    assert (draft.tags, draft.notes) == (["vip", "VIP"], "a\nb")


@pytest.mark.parametrize(
    ("field", "longest"),
    [
        ("name", "x" * 200),
        ("company", "x" * 200),
        ("phone", "1" * 40),
        ("address", "x" * 200),
        ("postal_code", "1" * 20),
        ("city", "x" * 100),
        ("notes", "x" * 10_000),
    ],
)
def test_text_has_a_longest_length(field: str, longest: str) -> None:
    assert getattr(CustomerDraft.of(MINIMUM | {field: longest}), field) == longest
    assert list(_refused(MINIMUM | {field: longest + "x"})) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", None),
        ("name", "a\0b"),
        ("email", None),
        ("email", "ada"),
        ("company", 5),
        ("phone", "1\n2"),
        ("country", "XX"),
        ("country", "Germany"),
        ("country", "D"),
        ("type", "company"),
        ("type", None),
        ("status", "vip"),
        ("newsletter", "yes"),
        ("newsletter", None),
        ("tags", None),
        ("tags", "vip"),
        ("tags", [str(number) for number in range(21)]),
        ("tags.0", [""]),
        ("tags.0", [None]),
        ("tags.1", ["ok", "x" * 41]),
        ("tags.0", ["a\nb"]),
        ("notes", "bell\a"),
        ("id", "0"),
        ("version", 3),
        ("created_at", "2026-01-01T00:00:00Z"),
        ("search_text", "x"),
        ("sort_name", "x"),
        ("__class__", "x"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    assert list(_refused(MINIMUM | {field.partition(".")[0]: value})) == [field]


def test_all_wrong_fields_are_named_at_once() -> None:
    wrong = {"email": "ada", "country": "XX", "type": 1, "colour": "red"}

    assert set(_refused(wrong)) == {"name", *wrong}


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*FIELDS, "other"], JSON)))
def test_what_is_accepted_once_is_accepted_again_unchanged(data: dict[str, object]) -> None:
    for sent in (data, data | MINIMUM):
        try:
            draft = CustomerDraft.of(sent)
        except InvalidInput:
            continue
        assert CustomerDraft.of(draft.model_dump()) == draft


@given(st.text(min_size=1, max_size=40), st.text(max_size=40), st.lists(st.text(max_size=40), max_size=20))
def test_accepted_text_is_stable(name: str, city: str, tags: list[str]) -> None:
    try:
        draft = CustomerDraft.of(MINIMUM | {"name": name, "city": city, "tags": tags, "notes": name})
    except InvalidInput:
        return
    assert CustomerDraft.of(draft.model_dump()) == draft
    assert len(set(draft.tags)) == len(draft.tags)
    assert "\0" not in draft.name + draft.city + draft.notes + "".join(draft.tags)


def test_there_are_as_many_countries_as_in_the_standard() -> None:
    assert len(COUNTRY_CODES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRY_CODES)


def test_a_query_understands_what_is_in_a_url() -> None:
    query = CustomerQuery.of({"limit": "20", "offset": "40", "newsletter": "true", "sort": "-city", "country": "de"})

    assert (query.limit, query.offset, query.newsletter, query.sort, query.country) == (20, 40, True, "-city", "DE")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "many"),
        ("offset", "-1"),
        ("offset", "9" * 40),
        ("sort", "notes"),
        ("sort", "--name"),
        ("sort", "name; DROP TABLE customers"),
        ("status", "vip"),
        ("country", "XX"),
        ("newsletter", "perhaps"),
        ("search", "x" * 201),
        ("search", "a\0b"),
        ("city", "\ud800"),
        ("where", "1=1"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        CustomerQuery.of({name: value})

    assert list(refusal.value.fields) == [name]
    assert refusal.value.code == "customers.invalid_query"


def _refused(data: dict[str, object]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        CustomerDraft.of(data)
    assert refusal.value.code == "customers.invalid"
    assert all(sentence.endswith(".") for sentence in refusal.value.fields.values())
    return refusal.value.fields
