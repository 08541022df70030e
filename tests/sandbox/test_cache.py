"""What is run as machine code was made here, from this guest, by this engine, and is whole."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from rising_bsm.sandbox import GuestError, cache

GUEST = bytes(wat2wasm("(component)"))


def open_entry(folder: Path, guest: bytes = GUEST) -> tuple[bytes, list[str]]:
    """The entry's content and what was reported while it was opened."""
    said: list[str] = []
    descriptor = cache.open_compiled(folder, said.append, guest=guest)
    with open(descriptor, "rb") as file:
        return file.read(), said


def entry(folder: Path) -> Path:
    (found,) = folder.glob("*.cwasm")
    return found


def test_it_is_compiled_once(tmp_path: Path) -> None:
    first, said = open_entry(tmp_path / "cache")
    second, said_again = open_entry(tmp_path / "cache")
    assert first == second
    assert len(said) == 1
    assert said_again == []


def test_the_folder_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o777)
    open_entry(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def without_note(path: Path) -> None:
    path.with_suffix(".sha256").unlink()


def with_foreign_note(path: Path) -> None:
    path.with_suffix(".sha256").write_bytes(b"\xff" * 64)


def writable_by_others(path: Path) -> None:
    path.chmod(0o666)


def link(path: Path) -> None:
    moved = path.with_name("elsewhere")
    path.rename(moved)
    path.symlink_to(moved)


@pytest.mark.parametrize(
    "damage", [truncate, flip, empty, without_note, with_foreign_note, writable_by_others, link, Path.unlink]
)
def test_an_entry_that_is_not_sound_is_made_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    sound, _ = open_entry(tmp_path)
    damage(entry(tmp_path))
    again, said = open_entry(tmp_path)
    assert again == sound
    assert len(said) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to somebody else takes root")
def test_an_entry_of_somebody_else_is_made_again(tmp_path: Path) -> None:
    open_entry(tmp_path)
    os.chown(entry(tmp_path), 65534, 65534)
    assert len(open_entry(tmp_path)[1]) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a folder to somebody else takes root")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(GuestError) as caught:
        open_entry(tmp_path)
    assert caught.value.code == "sandbox.cache_foreign"


def component(number: int) -> bytes:
    return bytes(wat2wasm(f'(component (core module (func (export "f{number}"))))'))


def test_another_guest_has_another_entry_beside_the_old(tmp_path: Path) -> None:
    open_entry(tmp_path)
    old = entry(tmp_path)
    assert len(open_entry(tmp_path, component(1))[1]) == 1
    assert old.exists()
    assert open_entry(tmp_path)[1] == []


def test_only_the_newest_entries_are_kept(tmp_path: Path) -> None:
    for number in range(cache.ENTRIES_KEPT + 2):
        open_entry(tmp_path, component(number))
    assert len(list(tmp_path.glob("*.cwasm"))) == len(list(tmp_path.glob("*.sha256"))) == cache.ENTRIES_KEPT
    assert open_entry(tmp_path, component(cache.ENTRIES_KEPT + 1))[1] == []


def test_another_configuration_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache.key_of(GUEST)
    monkeypatch.setitem(cache.CONFIGURATION, "max_wasm_stack", 1)
    assert cache.key_of(GUEST) != key


def test_a_missing_guest_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "files", lambda _package: tmp_path)
    with pytest.raises(GuestError, match="guest") as caught:
        cache.guest_bytes()
    assert caught.value.next_step
