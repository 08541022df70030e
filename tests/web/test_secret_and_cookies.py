import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.web.cookies import Cookies
from rising_bsm.web.secret import SecretUnusable, instance_secret


def test_the_secret_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    secret = instance_secret(folder)
    assert len(secret) == 32
    assert instance_secret(folder) == secret
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in folder.iterdir()] == ["secret.key"]
    assert instance_secret(tmp_path / "other") != secret


def test_two_that_start_at_once_have_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(instance_secret(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("content", ["", "00", "x" * 64, "é", "00" * 33])
def test_a_damaged_secret_is_refused(tmp_path: Path, content: str) -> None:
    instance_secret(tmp_path)
    (tmp_path / "secret.key").write_text(content, encoding="utf-8")
    with pytest.raises(SecretUnusable) as refusal:
        instance_secret(tmp_path)
    assert refusal.value.place == str(tmp_path / "secret.key")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    instance_secret(tmp_path)
    (tmp_path / "secret.key").chmod(0o640)
    with pytest.raises(SecretUnusable) as refusal:
        instance_secret(tmp_path)
    assert "chmod 600" in str(refusal.value.next_step)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretUnusable):
        instance_secret(tmp_path / "file" / "data")


@given(st.text(), st.text(), st.binary(min_size=32, max_size=32))
def test_a_csrf_token_fits_its_cookie_and_no_other(one: str, other: str, secret: bytes) -> None:
    jar = Cookies(https=False, secret=secret)
    assert jar.proves(jar.csrf_token(one), one)
    assert jar.proves(jar.csrf_token(one), other) == (one == other)
    assert not Cookies(https=False, secret=bytes(31) + b"x").proves(jar.csrf_token(one), one)


@given(st.text())
def test_text_is_no_csrf_token(text: str) -> None:
    assert not Cookies(https=False, secret=bytes(32)).proves(text, "cookie")


def test_the_secret_is_not_shown() -> None:
    assert "secret" not in repr(Cookies(https=True, secret=b"secret"))
