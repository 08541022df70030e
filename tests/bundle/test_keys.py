import hashlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle import InvalidKey, PublicKey, SigningKey
from rising_bsm.bundle.curve import SMALL_ORDER
from support.bundles import make_key, refusal

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def decoded(raw: bytes) -> tuple[int, int] | None:
    """The point of an encoding, read as liberally as any library does; None where there is none."""
    number = int.from_bytes(raw, "little")
    y, sign = number % 2**255 % P, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (P - x) % P if x % 2 != sign else x, y


def doubled(point: tuple[int, int]) -> tuple[int, int]:
    x, y = point
    product = D * x * x * y * y % P
    return 2 * x * y * pow(1 + product, -1, P) % P, (y * y + x * x) * pow(1 - product, -1, P) % P


def is_small(raw: bytes) -> bool:
    point = decoded(raw)
    return point is not None and doubled(doubled(doubled(point))) == (0, 1)


def code_of(raw: bytes) -> str:
    with pytest.raises(InvalidKey) as refusal:
        PublicKey(raw)
    assert refusal.value.next_step
    return refusal.value.code


def test_the_listed_points_are_those_of_small_order_with_every_encoding() -> None:
    assert len(SMALL_ORDER) == 14
    assert all(is_small(raw) for raw in SMALL_ORDER)
    # An encoding with y < 19 has a second one with y + p, and each has two sign bits.
    seen = {point for raw in SMALL_ORDER if (point := decoded(raw))}
    ys = {y for _, y in seen}
    every = {
        (y + extra | sign << 255).to_bytes(32, "little")
        for y in ys
        for extra in (0, P)
        for sign in (0, 1)
        if y + extra < 2**255
    }
    assert every == SMALL_ORDER


@pytest.mark.parametrize("raw", sorted(SMALL_ORDER), ids=lambda raw: raw.hex()[:8] + raw.hex()[-2:])
def test_the_library_takes_keys_of_small_order_and_we_do_not(raw: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(raw)
    assert code_of(raw) == "key.small_order"


def test_a_key_of_small_order_lets_anybody_sign_anything() -> None:
    identity = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), b"whatever")
    assert code_of(identity) == "key.small_order"


def test_other_encodings_that_are_not_canonical_are_refused() -> None:
    for y in range(P + 2, 2**255):
        assert code_of(y.to_bytes(32, "little")) == "key.not_canonical"
        assert code_of((y | 1 << 255).to_bytes(32, "little")) == "key.not_canonical"


def test_bytes_that_are_no_point_are_refused() -> None:
    raw = next(y.to_bytes(32, "little") for y in range(2, 100) if decoded(y.to_bytes(32, "little")) is None)
    Ed25519PublicKey.from_public_bytes(raw)
    assert code_of(raw) == "key.not_on_curve"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_other_lengths_are_refused(length: int) -> None:
    assert code_of(bytes(length)) == "key.length"


@given(st.binary(min_size=32, max_size=32))
def test_generated_keys_are_always_good(seed: bytes) -> None:
    raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert PublicKey.parse(str(PublicKey(raw))) == PublicKey(raw)
    assert not is_small(raw)


@given(st.binary(min_size=32, max_size=32))
def test_a_key_that_passes_is_a_point_and_any_other_is_refused(raw: bytes) -> None:
    try:
        PublicKey(raw)
    except InvalidKey:
        assert decoded(raw) is None or is_small(raw) or int.from_bytes(raw, "little") % 2**255 >= P
    else:
        assert decoded(raw) is not None


def test_the_text_form_and_the_id() -> None:
    key = make_key().public_key
    assert str(key).startswith("rbsm-ed25519:")
    assert PublicKey.parse(f"  {key}\n") == key
    assert key.key_id == hashlib.sha256(key.raw).hexdigest()


@pytest.mark.parametrize(
    "change", [lambda t: t[13:], lambda t: t[:-1], lambda t: t + "=", lambda t: t[:20] + "\n" + t[20:], str.upper]
)
def test_other_texts_are_refused(change: object) -> None:
    with pytest.raises(InvalidKey) as refusal:
        PublicKey.parse(change(str(make_key().public_key)))  # type: ignore[operator]
    assert refusal.value.code == "key.text"


def test_padding_bits_in_the_text_are_refused() -> None:
    text = str(make_key().public_key)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = text[:-2] + letters[letters.index(text[-2]) ^ 1] + "="
    with pytest.raises(InvalidKey) as refusal:
        PublicKey.parse(other)
    assert refusal.value.code == "key.text"


@pytest.mark.parametrize("passphrase", [None, "a long one"])
def test_a_private_key_comes_back_from_its_file(tmp_path: Path, passphrase: str | None) -> None:
    key, path = SigningKey.generate(), tmp_path / "author.pem"
    key.to_file(path, passphrase)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.from_file(path, passphrase).public_key == key.public_key


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_key().to_file(tmp_path / "author.pem")
    finally:
        os.umask(before)
    assert (tmp_path / "author.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "author.pem"
    make_key().to_file(path)
    path.chmod(mode)
    assert file_code(path) == "key.readable_by_others"


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "author.pem"
    make_key(1).to_file(path)
    with pytest.raises(InvalidKey) as refusal:
        make_key(2).to_file(path)
    assert refusal.value.code == "key.exists"
    assert SigningKey.from_file(path).public_key == make_key(1).public_key


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(make_key().to_file, tmp_path / "none" / "author.pem") == "key.not_written"


def test_a_key_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "author.pem").symlink_to(tmp_path / "elsewhere.pem")
    with pytest.raises(InvalidKey):
        make_key().to_file(tmp_path / "author.pem")
    assert not (tmp_path / "elsewhere.pem").exists()


def test_files_that_are_no_key_of_ours_are_refused(tmp_path: Path) -> None:
    assert file_code(tmp_path / "none.pem") == "key.not_found"
    assert file_code(tmp_path) == "key.not_found"
    assert file_code(private(tmp_path / "text.pem", b"hello")) == "key.unreadable"
    rsa = generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert file_code(private(tmp_path / "rsa.pem", rsa)) == "key.wrong_kind"


def test_the_passphrase_must_be_the_right_one(tmp_path: Path) -> None:
    make_key().to_file(tmp_path / "locked.pem", "right")
    make_key().to_file(tmp_path / "open.pem")
    assert file_code(tmp_path / "locked.pem") == "key.passphrase"
    assert file_code(tmp_path / "locked.pem", "wrong") == "key.unreadable"
    assert file_code(tmp_path / "open.pem", "any") == "key.passphrase"


def private(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def file_code(path: Path, passphrase: str | None = None) -> str:
    with pytest.raises(InvalidKey) as refusal:
        SigningKey.from_file(path, passphrase)
    assert refusal.value.place == str(path)
    assert refusal.value.next_step
    return refusal.value.code
