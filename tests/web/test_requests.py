import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.web.errors import BadRequest
from rising_bsm.web.requests import JSON_DEPTH, decode_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_is_what_it_was(value: object) -> None:
    assert decode_json(json.dumps(value).encode()) == value


@given(st.binary())
def test_any_bytes_are_a_value_or_a_refusal(body: bytes) -> None:
    try:
        decode_json(body)
    except BadRequest as refusal:
        assert refusal.place == "body"  # noqa: PT017


@given(st.integers(1, 80), st.booleans(), st.integers(0, 80))
def test_depth_is_counted_and_width_is_not(depth: int, objects: bool, width: int) -> None:
    begin, end = ('{"a":', "}") if objects else ("[", "]")
    body = f"[{begin * (depth - 1)}1{end * (depth - 1)}{', []' * width}]".encode()
    if max(depth, 2 if width else 1) <= JSON_DEPTH:
        decode_json(body)
    else:
        with pytest.raises(BadRequest):
            decode_json(body)
