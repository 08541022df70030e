"""Every hostile document gets `license.bad_document`, and not one of them anything else."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle import canonical
from rising_bsm.errors import InvalidInput
from rising_bsm.licensing import INSTANCE_REQUEST, LICENCE, BadDocument, open_sealed, seal
from support.bundles import make_key

KEY, OTHER = make_key(1), make_key(2)
PAYLOAD = {"a": 1, "b": ["x", None, True], "c": {"d": "é"}}


def sealed(payload: Any = PAYLOAD, **changes: Any) -> dict[str, Any]:
    return seal(payload, KEY, LICENCE) | changes


def signed(data: bytes, payload_type: str = LICENCE) -> dict[str, Any]:
    """An envelope around any bytes, signed as it should be."""
    from securesystemslib.dsse import Envelope

    envelope = Envelope(data, payload_type, {})
    envelope.sign(KEY.signer)
    found: dict[str, Any] = envelope.to_dict()
    return found


def refused(envelope: object, keys: Any = (KEY.public_key,), payload_type: str = LICENCE) -> str:
    with pytest.raises(BadDocument) as caught:
        open_sealed(envelope, keys, payload_type)
    assert caught.value.code == "license.bad_document"
    return caught.value.message


def signature(envelope: dict[str, Any], **changes: str) -> dict[str, Any]:
    return envelope | {"signatures": [envelope["signatures"][0] | changes]}


def other_spelling(text: str) -> str:
    """The same bytes in base64, with a bit set that nobody reads."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    padding = text.count("=")
    assert padding, "a text without padding has one spelling"
    last = text[-padding - 1]
    changed = text[: -padding - 1] + alphabet[alphabet.index(last) + 1] + "=" * padding
    assert base64.b64decode(changed) == base64.b64decode(text)
    return changed


def test_what_was_sealed_opens_and_names_its_signer() -> None:
    keys = [OTHER.public_key, KEY.public_key]

    assert open_sealed(sealed(), keys, LICENCE) == (PAYLOAD, KEY.public_key)


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**53), 2**53) | st.text(max_size=8) | st.none(), max_size=4))
def test_whatever_is_sealed_opens(payload: dict[str, Any]) -> None:
    assert open_sealed(sealed(payload), [KEY.public_key], LICENCE)[0] == payload


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, by: int) -> None:
    envelope = sealed()
    data = bytearray(base64.b64decode(envelope["payload"]))
    data[at % len(data)] ^= by

    refused(envelope | {"payload": base64.b64encode(bytes(data)).decode()})


def test_a_document_beyond_all_measure_is_refused_although_it_is_signed() -> None:
    refused(sealed({"a": "x" * 500_000}))


def test_a_document_of_one_type_is_none_of_another() -> None:
    assert "another type" in refused(sealed(), payload_type=INSTANCE_REQUEST)
    assert "signature" in refused(sealed(payloadType=INSTANCE_REQUEST), payload_type=INSTANCE_REQUEST)


def test_a_key_that_is_not_trusted_signs_nothing() -> None:
    assert "not trusted" in refused(sealed(), [OTHER.public_key])
    assert "not trusted" in refused(sealed(), [])


def test_a_signature_under_the_name_of_a_trusted_key_is_checked() -> None:
    forged = seal(PAYLOAD, OTHER, LICENCE)

    assert "signature" in refused(signature(forged, keyid=KEY.public_key.key_id))


def test_the_order_of_the_curve_added_to_a_signature_is_noticed() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    envelope = sealed()
    raw = base64.b64decode(envelope["signatures"][0]["sig"])
    number = int.from_bytes(raw[32:], "little") + order
    changed = raw[:32] + number.to_bytes(32, "little")

    refused(signature(envelope, sig=base64.b64encode(changed).decode()))


HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "nothing": lambda _: None,
    "a list": lambda e: [e],
    "text": lambda _: "{}",
    "empty": lambda _: {},
    "an unknown member": lambda e: e | {"extra": 1},
    "an unknown member of the signature": lambda e: signature(e, cert="x"),
    "no signature": lambda e: e | {"signatures": []},
    "two signatures": lambda e: e | {"signatures": e["signatures"] * 2},
    "a signature twice as long": lambda e: signature(e, sig=e["signatures"][0]["sig"] * 2),
    "an empty signature": lambda e: signature(e, sig=""),
    "another spelling of the signature": lambda e: signature(e, sig=other_spelling(e["signatures"][0]["sig"])),
    "another spelling of the payload": lambda e: e | {"payload": other_spelling(e["payload"])},
    "url-safe base64": lambda e: e | {"payload": e["payload"].replace("+", "-").replace("/", "_").rstrip("=")},
    "base64 with a line break": lambda e: e | {"payload": e["payload"] + "\n"},
    "base64 with spaces": lambda e: e | {"payload": " " + e["payload"]},
    "no base64": lambda e: e | {"payload": "ä"},
    "a number for the payload": lambda e: e | {"payload": 1},
    "bytes for the payload": lambda e: e | {"payload": e["payload"].encode()},
    "a key id in capitals": lambda e: signature(e, keyid=e["signatures"][0]["keyid"].upper()),
    "no key id": lambda e: signature(e, keyid=""),
    "another type": lambda e: e | {"payloadType": "application/json"},
    "no type": lambda e: e | {"payloadType": None},
    "a payload beyond all measure": lambda e: e | {"payload": "A" * 600_000},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_envelope_is_refused(name: str) -> None:
    # A payload whose base64 has padding, so that there is another spelling of it.
    envelope = sealed({"a": "x" * next(n for n in range(3) if len(canonical.encode({"a": "x" * n})) % 3)})

    refused(HOSTILE[name](envelope))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"text"',
        b"{",
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":1.5}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":"\\u0061"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_a_payload_that_is_no_canonical_object_is_refused_although_it_is_signed(data: bytes) -> None:
    refused(signed(data))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_refused_as_what_it_is(value: Any) -> None:
    with pytest.raises(InvalidInput):
        open_sealed(value, [KEY.public_key], LICENCE)
