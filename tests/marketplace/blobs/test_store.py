import asyncio
import hashlib
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rising_bsm.marketplace.blobs import store
from rising_bsm.marketplace.blobs.errors import BlobDamaged, BlobsUnusable, BlobTooLarge, NoBlob, OtherDigest
from rising_bsm.marketplace.blobs.store import Blob, Blobs

pytestmark = pytest.mark.anyio

DATA = bytes(range(256)) * 5_000  # five chunks
DIGEST = hashlib.sha256(DATA).hexdigest()


async def piecewise(data: bytes, size: int = 100_001) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def taken(blobs: Blobs, start: int = 0, end: int | None = None) -> tuple[int, int, int, bytes]:
    opened = await blobs.open(DIGEST, start, end)
    return opened.size, opened.start, opened.end, b"".join([chunk async for chunk in opened.chunks])


@pytest.mark.parametrize("streamed", [False, True])
async def test_what_is_put_is_there(blobs: Blobs, streamed: bool) -> None:
    stored = await blobs.put(piecewise(DATA) if streamed else DATA, expected=DIGEST)
    assert stored == Blob(DIGEST, len(DATA))
    assert await blobs.size(DIGEST) == len(DATA)
    assert await blobs.read(DIGEST) == DATA
    assert await taken(blobs) == (len(DATA), 0, len(DATA), DATA)


async def test_it_is_there_for_the_next_process_too(place: str) -> None:
    await Blobs.at(place).put(b"kept")
    assert await Blobs.at(place).read(hashlib.sha256(b"kept").hexdigest()) == b"kept"


async def test_a_blob_comes_in_chunks(blobs: Blobs) -> None:
    await blobs.put(DATA)
    chunks = [chunk async for chunk in (await blobs.open(DIGEST)).chunks]
    assert len(chunks) > 1
    assert b"".join(chunks) == DATA


async def test_putting_it_again_changes_nothing(blobs: Blobs) -> None:
    assert await blobs.put(DATA) == await blobs.put(DATA)
    assert await blobs.read(DIGEST) == DATA


async def test_many_may_put_the_same_at_once(blobs: Blobs) -> None:
    assert len(set(await asyncio.gather(*(blobs.put(DATA) for _ in range(5))))) == 1
    assert await blobs.read(DIGEST) == DATA


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (0, None), (1, None), (5, 6), (262_143, 262_145), (len(DATA) - 1, None), (10, len(DATA)), (7, 10**9)],
)
async def test_ranges(blobs: Blobs, start: int, end: int | None) -> None:
    await blobs.put(DATA)
    stop = min(end or len(DATA), len(DATA))
    assert await taken(blobs, start, end) == (len(DATA), start, stop, DATA[start:stop])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(data=st.data())
async def test_every_range_is_that_of_the_bytes(blobs: Blobs, data: st.DataObject) -> None:
    await blobs.put(DATA)
    start = data.draw(st.integers(0, len(DATA) - 1))
    end = data.draw(st.integers(start + 1, len(DATA)))
    assert await taken(blobs, start, end) == (len(DATA), start, end, DATA[start:end])


async def test_an_empty_blob_is_one(blobs: Blobs) -> None:
    stored = await blobs.put(b"")
    assert (stored.size, await blobs.read(stored.sha256), await blobs.size(stored.sha256)) == (0, b"", 0)


async def test_what_is_deleted_is_gone(blobs: Blobs) -> None:
    await blobs.put(DATA)
    for _ in range(2):
        await blobs.delete(DIGEST)
    assert await blobs.size(DIGEST) is None
    with pytest.raises(NoBlob):
        await blobs.open(DIGEST)


@pytest.mark.parametrize(
    "name", ["0" * 64, "", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65, f"{'0' * 64}\n"]
)
async def test_what_is_no_name_of_a_blob_names_none(blobs: Blobs, name: str) -> None:
    assert await blobs.size(name) is None
    await blobs.delete(name)
    for ask in (blobs.open, blobs.read):
        with pytest.raises(NoBlob):
            await ask(name)


async def test_what_is_not_what_was_named_is_not_kept(blobs: Blobs) -> None:
    with pytest.raises(OtherDigest):
        await blobs.put(piecewise(DATA), expected="0" * 64)
    assert await blobs.size(DIGEST) is await blobs.size("0" * 64) is None


async def test_what_is_too_large_is_not_kept(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LARGEST_BYTES", len(DATA) - 1)
    taken_of_it: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            taken_of_it.append(100_000)
            yield bytes(100_000)

    for data in (DATA, piecewise(DATA), endless()):
        with pytest.raises(BlobTooLarge):
            await blobs.put(data)
    assert sum(taken_of_it) < 2 * len(DATA)
    assert await blobs.size(DIGEST) is None


async def test_somebody_who_stops_sending_leaves_nothing(blobs: Blobs) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield DATA[:1_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.put(broken())
    assert await blobs.size(hashlib.sha256(DATA[:1_000]).hexdigest()) is None


async def test_damage_is_noticed_and_repaired(tmp_path: Path) -> None:
    blobs = Blobs.at(str(tmp_path))
    await blobs.put(DATA)
    file = tmp_path / DIGEST[:2] / DIGEST
    for damaged in (DATA[:-1], b"x" + DATA[1:], b""):
        file.write_bytes(damaged)
        with pytest.raises(BlobDamaged) as refused:
            await blobs.read(DIGEST)
        assert refused.value.place == DIGEST
    await blobs.put(DATA)
    assert await blobs.read(DIGEST) == DATA


async def test_the_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    await Blobs.at(str(tmp_path / "a" / "b")).put(DATA)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


async def test_a_place_that_cannot_be_used_is_said_without_its_address(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    blobs = Blobs.at(str(tmp_path / "file"))
    for attempt in (blobs.put(DATA), blobs.size(DIGEST), blobs.open(DIGEST)):
        with pytest.raises(BlobsUnusable) as refused:
            await attempt
        assert str(tmp_path) not in str(refused.value.as_dict())


async def test_a_bucket_that_there_is_not_cannot_be_used(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_address)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    with pytest.raises(BlobsUnusable):
        await Blobs.at("s3://no-such-bucket/x").put(DATA)
