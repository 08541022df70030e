import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.plugins.store import FileChanged, FileLost, FileStore, StoreUnusable, sha256


def make_store(folder: Path) -> FileStore:
    return FileStore(folder / "files")


def test_what_is_kept_is_given_back(tmp_path: Path) -> None:
    store = make_store(tmp_path)

    digest = store.put("name", b"content")

    assert store.get("name", digest) == b"content"


def test_what_is_kept_is_for_the_owner_alone(tmp_path: Path) -> None:
    make_store(tmp_path).put("name", b"content")

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"files": 0o700, "name": 0o600}


def test_what_is_kept_anew_replaces_the_old(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    old, new = store.put("name", b"old"), store.put("name", b"new")

    assert store.get("name", new) == b"new"
    with pytest.raises(FileChanged):
        store.get("name", old)


@given(content=st.binary(min_size=1, max_size=200), at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("store")
    store = make_store(folder)
    digest = store.put("name", content)
    changed = bytearray(content)
    changed[at % len(content)] ^= 1 << bit
    (folder / "files" / "name").write_bytes(changed)

    with pytest.raises(FileChanged):
        store.get("name", digest)


def test_what_was_never_kept_or_is_gone_is_said_to_be(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.delete("name")
    with pytest.raises(FileLost):
        store.get("name", sha256(b"content"))

    digest = store.put("name", b"content")
    store.delete("name")
    with pytest.raises(FileLost):
        store.get("name", digest)


def test_all_others_are_removed_half_written_ones_too(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.keep_only([], store.files())
    store.put("kept", b"content")
    store.put("other", b"content")
    (tmp_path / "files" / ".new-x").touch()
    (tmp_path / "files" / "folder").mkdir()

    store.keep_only(["kept", "never there"], store.files())

    assert sorted(os.listdir(tmp_path / "files")) == ["folder", "kept"]


def test_what_another_process_is_writing_stays_for_an_hour(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.put("kept", b"content")
    young, old = tmp_path / "files" / ".new-kept-a", tmp_path / "files" / ".new-kept-b"
    young.touch()
    old.touch()
    os.utime(old, (0, 0))

    store.keep_only(["kept"], store.files())

    assert sorted(os.listdir(tmp_path / "files")) == [".new-kept-a", "kept"]


def test_what_came_after_looking_stays(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    found = store.files()
    store.put("new", b"content")

    store.keep_only([], found)

    assert os.listdir(tmp_path / "files") == ["new"]


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(tmp_path)
    digest = store.put("name", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnusable) as refusal:
        store.put("name", b"new")

    assert "No space left" in refusal.value.message
    assert store.get("name", digest) == b"old"
    assert os.listdir(tmp_path / "files") == ["name"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"a file")

    with pytest.raises(StoreUnusable):
        make_store(tmp_path).put("name", b"content")
