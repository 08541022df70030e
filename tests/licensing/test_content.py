import base64
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.licensing import (
    BadContent,
    BadDocument,
    decrypt,
    encrypt,
    is_encrypted,
    new_content_key,
    unwrap,
    wrap,
    wrap_public,
)

KEY = bytes(range(32))
MINE, OTHERS = (X25519PrivateKey.from_private_bytes(bytes([seed]) * 32) for seed in (1, 2))
ABOUT = {"plugin": "acme.test", "version": "1.0.0"}
LICENCE = UUID(int=7)


def is_refused(call: Any, *args: Any, **about: Any) -> bool:
    with pytest.raises(BadContent) as caught:
        call(*args, **about)
    return caught.value.code == "license.bad_content"


@given(st.binary(max_size=300))
def test_what_is_encrypted_opens_and_says_nothing(data: bytes) -> None:
    blob = encrypt(data, KEY, **ABOUT)

    assert decrypt(blob, KEY, **ABOUT) == data
    assert is_encrypted(blob)
    # What it begins with says that it is encrypted, whatever it is.
    assert len(data) < 8 or data not in blob[len(b"RBSMENC1") :]


def test_every_version_has_a_key_of_its_own() -> None:
    assert len({new_content_key() for _ in range(50)}) == 50
    assert len(new_content_key()) == 32


def test_a_bundle_in_the_clear_does_not_look_encrypted() -> None:
    assert not is_encrypted(b"PK\x03\x04 and so on")
    assert is_refused(decrypt, b"PK\x03\x04 and so on", KEY, **ABOUT)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, by: int) -> None:
    blob = bytearray(encrypt(b"some code", KEY, **ABOUT))
    blob[at % len(blob)] ^= by

    assert is_refused(decrypt, bytes(blob), KEY, **ABOUT)


@given(st.integers(0, 44))
def test_a_blob_that_was_cut_is_refused(length: int) -> None:
    assert is_refused(decrypt, encrypt(b"some code", KEY, **ABOUT)[:length], KEY, **ABOUT)


@pytest.mark.parametrize("about", [{"plugin": "acme.other"}, {"version": "1.0.1"}])
def test_code_of_one_version_is_none_of_another(about: dict[str, str]) -> None:
    assert is_refused(decrypt, encrypt(b"x", KEY, **ABOUT), KEY, **(ABOUT | about))


@pytest.mark.parametrize("key", [bytes(32), b"", KEY[:16]])
def test_no_other_key_opens_it(key: bytes) -> None:
    assert is_refused(decrypt, encrypt(b"x", KEY, **ABOUT), key, **ABOUT)


def test_a_wrapped_key_opens_for_its_instance_licence_and_version() -> None:
    text = wrap(KEY, wrap_public(MINE), licence=LICENCE, **ABOUT)

    assert unwrap(text, MINE, licence=str(LICENCE), **ABOUT) == KEY
    assert is_refused(unwrap, text, OTHERS, licence=LICENCE, **ABOUT)
    assert is_refused(unwrap, text, MINE, licence=UUID(int=8), **ABOUT)
    assert is_refused(unwrap, text, MINE, licence=LICENCE, **(ABOUT | {"plugin": "acme.other"}))
    assert is_refused(unwrap, text, MINE, licence=LICENCE, **(ABOUT | {"version": "2"}))


def test_a_key_is_wrapped_differently_each_time() -> None:
    assert len({wrap(KEY, wrap_public(MINE), licence=LICENCE, **ABOUT) for _ in range(5)}) == 5


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_wrapping_is_noticed(at: int, by: int) -> None:
    raw = bytearray(base64.b64decode(wrap(KEY, wrap_public(MINE), licence=LICENCE, **ABOUT)))
    raw[at % len(raw)] ^= by

    assert is_refused(unwrap, base64.b64encode(bytes(raw)).decode(), MINE, licence=LICENCE, **ABOUT)


@pytest.mark.parametrize("text", ["", "x", "A" * 44, base64.b64encode(bytes(80)).decode(), "ä" * 100])
def test_what_is_no_wrapping_is_refused(text: str) -> None:
    assert is_refused(unwrap, text, MINE, licence=LICENCE, **ABOUT)


@pytest.mark.parametrize("text", ["", "x", base64.b64encode(bytes(32)).decode(), wrap_public(MINE) + "\n"])
def test_a_key_is_not_wrapped_for_everybody(text: str) -> None:
    with pytest.raises(BadDocument):
        wrap(KEY, text, licence=LICENCE, **ABOUT)
