import copy
import hashlib
import pickle
from collections import Counter
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle import BundleError, VerifiedBundle, open_bundle, open_unsigned, sign
from support.bundles import make_bundle, make_files, make_key, make_manifest, make_signed_bundle, trust

SIGNED = make_signed_bundle(files=make_files({"ui/index.html": b"<p>" * 20, "code/empty.txt": b""}))
SMALL = make_signed_bundle(files={"code/acme_hello.py": b"class Hello: ..."})
KEYS = trust(make_key())


def code_of(data: bytes) -> str:
    with pytest.raises(BundleError) as refusal:
        open_bundle(data, KEYS)
    return refusal.value.code


def test_a_signed_bundle_opens() -> None:
    bundle = open_bundle(SIGNED, KEYS)
    assert bundle.manifest == make_manifest()
    assert bundle.digest == hashlib.sha256(SIGNED).hexdigest()
    assert bundle.key_id == make_key().public_key.key_id
    assert bundle.code == {"acme_hello/__init__.py": make_files()["code/acme_hello/__init__.py"], "empty.txt": b""}
    assert set(bundle.files) == {
        *("README.md", "manifest.json", "ui/index.html"),
        *("code/acme_hello/__init__.py", "code/empty.txt"),
    }


def test_a_key_may_be_trusted_for_several_publishers_and_several_keys_for_one() -> None:
    keys = [*trust(make_key(2)), *trust(make_key(), "other", "acme"), *trust(make_key(3), "third")]
    assert open_bundle(SIGNED, keys).manifest.publisher == "acme"


def test_every_bit_of_every_byte_of_a_bundle_is_covered() -> None:
    codes: Counter[str] = Counter()
    for at in range(len(SMALL)):
        for bit in range(8):
            changed = bytearray(SMALL)
            changed[at] ^= 1 << bit
            codes[code_of(bytes(changed))] += 1
    assert codes.total() == 8 * len(SMALL)
    assert all(code.startswith("bundle.") for code in codes)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_any_other_value_of_any_byte_is_refused(at: int, difference: int) -> None:
    changed = bytearray(SIGNED)
    changed[at] ^= difference
    assert code_of(bytes(changed)).startswith("bundle.")


@given(st.integers(0, len(SIGNED)), st.integers(0, 30), st.binary(max_size=30))
def test_any_bytes_put_in_taken_out_or_exchanged_are_refused(at: int, cut: int, put: bytes) -> None:
    changed = SIGNED[:at] + put + SIGNED[at + cut :]
    if changed != SIGNED:
        assert code_of(changed).startswith("bundle.")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert code_of(data).startswith("bundle.")


def test_signing_again_replaces_the_signature_and_changes_nothing_else() -> None:
    again = sign(SIGNED, make_key(2))
    assert sign(again, make_key()) == SIGNED
    assert open_bundle(again, trust(make_key(2))).files == open_bundle(SIGNED, KEYS).files
    assert code_of(again) == "bundle.untrusted_key"


def test_what_is_no_bundle_is_not_signed() -> None:
    with pytest.raises(BundleError):
        sign(b"hello", make_key())


def test_an_author_can_open_a_bundle_without_a_signature_or_with_any() -> None:
    unsigned = open_unsigned(make_bundle())
    assert unsigned.files == open_unsigned(sign(make_bundle(), make_key(2))).files
    assert unsigned.digest == hashlib.sha256(make_bundle()).hexdigest()
    assert list(unsigned.code) == ["acme_hello/__init__.py"]
    assert not isinstance(unsigned, VerifiedBundle)


def test_nothing_but_opening_makes_a_verified_bundle() -> None:
    good = open_bundle(SIGNED, KEYS)
    with pytest.raises(TypeError):
        VerifiedBundle(good.manifest, MappingProxyType({}), good.digest, good.key_id, object())
    with pytest.raises((TypeError, ValueError)):
        replace(good, files=MappingProxyType({}))
    with pytest.raises(TypeError):
        pickle.dumps(good)
    with pytest.raises(TypeError):
        copy.deepcopy(good)
    with pytest.raises(TypeError):
        good.files["code/evil.py"] = b""  # type: ignore[index]
