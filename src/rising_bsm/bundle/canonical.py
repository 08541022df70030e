"""Canonical JSON: for each value there is exactly one text, so that bytes can be compared and signed.

The text is that of RFC 8785 for the values we use: UTF-8, keys sorted, no white space, the shortest escapes.
Numbers are whole; there are no fractions, `NaN` or infinities.
"""

import json
from typing import Any

from rising_bsm.bundle.errors import BundleError


def encode(value: Any) -> bytes:
    """The canonical bytes of a JSON value without fractions."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def decode(data: bytes, place: str) -> Any:
    """The value that `data` is the canonical text of; `BundleError` at `place` when it is not."""
    try:
        value = json.loads(
            data.decode(), object_pairs_hook=_object, parse_float=_no_fraction, parse_constant=_no_fraction
        )
    except _Refused as error:
        raise BundleError(f"The JSON {error}.", code="bundle.json", place=place) from error
    except (ValueError, RecursionError) as error:
        raise BundleError(f"This is not JSON in UTF-8: {error}.", code="bundle.json", place=place) from error
    _must_be_canonical(value, data, place)
    return value


class _Refused(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(f"has the key {key!r} twice in one object")
        found[key] = value
    return found


def _no_fraction(text: str) -> Any:
    raise _Refused(f"holds the number {text}; only whole numbers are allowed")


def _must_be_canonical(value: Any, data: bytes, place: str) -> None:
    try:
        canonical = encode(value)
    except (ValueError, RecursionError) as error:  # half of a surrogate pair, written as \ud800
        raise BundleError(f"The JSON has no UTF-8 form: {error}.", code="bundle.json", place=place) from error
    if canonical != data:
        at = next((i for i, (a, b) in enumerate(zip(canonical, data, strict=False)) if a != b), len(canonical))
        raise BundleError(
            f"The JSON is not in canonical form: keys sorted, no white space, shortest escapes (byte {at}).",
            code="bundle.json_not_canonical",
            place=place,
        )
