import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle import BundleError, canonical
from support.bundles import refusal

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_was_encoded_is_decoded(value: object) -> None:
    assert canonical.decode(canonical.encode(value), "x") == value


@given(JSON)
def test_a_value_has_one_text_only(value: object) -> None:
    data = canonical.encode(value)
    others = [json.dumps(value).encode(), json.dumps(value, indent=1).encode(), data + b"\n", b" " + data]
    for other in others:
        assert other == data or refusal(canonical.decode, other, "x") == "bundle.json_not_canonical"


@given(st.binary(max_size=40))
def test_any_bytes_are_canonical_or_refused(data: bytes) -> None:
    code = refusal(canonical.decode, data, "x")
    assert code in ("bundle.json", "bundle.json_not_canonical", None)
    assert code or canonical.encode(canonical.decode(data, "x")) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "bundle.json"),
        (b'{"a":{"b":1,"b":2}}', "bundle.json"),
        (b"NaN", "bundle.json"),
        (b"-Infinity", "bundle.json"),
        (b"1.5", "bundle.json"),
        (b"1e3", "bundle.json"),
        (b"[" * 100_000, "bundle.json"),
        (b"9" * 10_000, "bundle.json"),
        (b"\xef\xbb\xbf1", "bundle.json"),
        (b"", "bundle.json"),
        (b"-0", "bundle.json_not_canonical"),
        (b'{"b":1,"a":1}', "bundle.json_not_canonical"),
        (b'"\\/"', "bundle.json_not_canonical"),
        (b'"\\u00e9"', "bundle.json_not_canonical"),
    ],
)
def test_other_texts_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(BundleError) as refusal:
        canonical.decode(data, "manifest.json")
    assert (refusal.value.code, refusal.value.place) == (code, "manifest.json")
