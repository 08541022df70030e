import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle import BundleError, BundleLimits, read_archive, write_archive
from support.bundles import refusal
from support.hostile import Item, zip_of

SEGMENT = st.text(st.sampled_from("abcXYZ0189_-éß日"), min_size=1, max_size=5)
NAME = st.lists(SEGMENT, min_size=1, max_size=3).map("/".join)
FILES = st.dictionaries(NAME, st.binary(max_size=300), min_size=1, max_size=6)


def written(files: dict[str, bytes]) -> bytes | None:
    """The archive, or None where two drawn names collide."""
    if code := refusal(write_archive, files):
        assert code in ("bundle.name_collision", "bundle.file_and_folder")
        return None
    return write_archive(files)


@given(FILES)
def test_what_was_written_is_read(files: dict[str, bytes]) -> None:
    data = written(files)
    assert data is None or read_archive(data) == files


@given(FILES, st.randoms(use_true_random=False))
def test_the_order_of_the_files_makes_no_difference(files: dict[str, bytes], random: object) -> None:
    names = list(files)
    random.shuffle(names)  # type: ignore[attr-defined]
    assert written(files) == written({name: files[name] for name in names})


@given(FILES)
def test_other_programs_can_read_it(files: dict[str, bytes]) -> None:
    data = written(files)
    if data is not None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            assert {name: archive.read(name) for name in archive.namelist()} == files


@given(FILES, st.data())
def test_a_changed_archive_is_refused_or_holds_other_files_and_never_breaks_the_reader(
    files: dict[str, bytes], draw: st.DataObject
) -> None:
    data = written(files)
    if data is None:
        return
    at = draw.draw(st.integers(0, len(data) - 1))
    cut = draw.draw(st.integers(0, 8))
    changed = data[:at] + draw.draw(st.binary(max_size=8)) + data[at + cut :]
    try:
        found = read_archive(changed)
    except BundleError:
        return
    # What is accepted is spelled canonically but for how its data was compressed.
    assert found == read_archive(write_archive(found))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    with pytest.raises(BundleError):
        read_archive(b"PK\x03\x04" + data)


def test_compressible_files_are_compressed_and_others_are_not() -> None:
    text = b"def total(items):\n    return sum(item.price for item in items)\n" * 50
    assert len(write_archive({"a.py": text})) < len(text) / 5
    assert len(write_archive({"a.bin": bytes(range(256))})) > 256


def test_a_file_that_would_look_like_a_bomb_is_stored() -> None:
    zeros = bytes(1_000_000)
    data = write_archive({"a.bin": zeros})
    assert len(data) > 1_000_000
    assert read_archive(data) == {"a.bin": zeros}


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (BundleLimits(bundle_bytes=100), "bundle.too_large"),
        (BundleLimits(files=1), "bundle.too_many_files"),
        (BundleLimits(file_bytes=99), "bundle.file_too_large"),
        (BundleLimits(unpacked_bytes=150), "bundle.unpacked_too_large"),
        (BundleLimits(name_bytes=3), "bundle.name_too_long"),
        (BundleLimits(name_segments=1), "bundle.name_too_long"),
    ],
)
def test_limits_hold_when_writing_and_when_reading(limits: BundleLimits, code: str) -> None:
    files = {"a/b.txt": b"x" * 100, "a/c.txt": bytes(range(100))}
    for attempt in (lambda: write_archive(files, limits), lambda: read_archive(write_archive(files), limits)):
        with pytest.raises(BundleError) as refusal:
            attempt()
        assert refusal.value.code == code


def test_limits_are_inclusive() -> None:
    files = {"a/b.txt": b"x" * 100, "a/c.txt": bytes(range(100))}
    size = len(write_archive(files))
    exact = BundleLimits(bundle_bytes=size, files=2, file_bytes=100, unpacked_bytes=200, name_bytes=7, name_segments=2)
    assert read_archive(write_archive(files, exact), exact) == files


def test_a_bomb_never_takes_more_memory_than_its_headers_declare() -> None:
    bomb = Item("a.txt", bytes(15_000_000), deflate=True, local={"size": 100_000})
    data = zip_of([bomb])
    tracemalloc.start()
    try:
        with pytest.raises(BundleError) as refusal:
            read_archive(data, BundleLimits(unpacked_per_packed_byte=1032))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refusal.value.code == "bundle.size_mismatch"
    assert peak < 1_000_000


@pytest.mark.parametrize("name", ["../a", "/a", "a\\b", "a/", "con", "e\u0301"])
def test_unsafe_names_are_not_written(name: str) -> None:
    with pytest.raises(BundleError):
        write_archive({name: b""})
