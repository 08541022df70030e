from pathlib import Path
from uuid import uuid4

import anyio
import anyio.lowlevel
import pytest

from rising_bsm.web.sessions import IDLE_SECONDS, LIFE_SECONDS, SessionNotKept, Sessions

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_session_is_known_until_it_is_closed_also_after_a_restart(tmp_path: Path) -> None:
    user = uuid4()
    session = await Sessions(tmp_path).open(user)
    restarted = Sessions(tmp_path)
    assert await restarted.user_of(session) == user
    await restarted.close(session)
    await restarted.close(session)
    assert await restarted.user_of(session) is None
    assert await Sessions(tmp_path).user_of(session) is None


async def test_a_session_left_alone_ends(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, clock=clock)
    session = await sessions.open(uuid4())
    clock.now += IDLE_SECONDS + 1
    assert await sessions.user_of(session) is None
    assert _files(tmp_path) == []


async def test_a_session_in_use_goes_on_but_not_for_ever(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, clock=clock)
    session, opened = await sessions.open(uuid4()), clock.now
    while clock.now + IDLE_SECONDS - 1 <= opened + LIFE_SECONDS:
        clock.now += IDLE_SECONDS - 1
        assert await sessions.user_of(session) is not None
    clock.now = opened + LIFE_SECONDS + 1
    assert await sessions.user_of(session) is None


async def test_what_is_on_disk_signs_nobody_in(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    sessions = Sessions(folder)
    session = await sessions.open(uuid4())
    (file,) = _files(folder)
    assert session not in file.name
    assert session.encode() not in file.read_bytes()
    assert await sessions.user_of(file.name) is None
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"user_id": 1}', b"\xff"])
async def test_a_damaged_file_is_no_session(tmp_path: Path, content: bytes) -> None:
    sessions = Sessions(tmp_path)
    session = await sessions.open(uuid4())
    _files(tmp_path)[0].write_bytes(content)
    assert await sessions.user_of(session) is None
    await sessions.purge()
    assert _files(tmp_path) == []


async def test_purging_leaves_what_is_open(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, clock=clock)
    await sessions.open(uuid4())
    clock.now += IDLE_SECONDS - 10
    open_still = await sessions.open(uuid4())
    clock.now += 20
    await sessions.purge()
    assert len(_files(tmp_path)) == 1
    assert await sessions.user_of(open_still) is not None


async def test_a_request_that_is_still_running_revives_no_session(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, clock=clock)
    session = await sessions.open(uuid4())
    clock.now += 1_000
    async with anyio.create_task_group() as group, sessions._changing:
        group.start_soon(sessions.user_of, session)
        # It has read the session by the time it waits for its turn to write it again.
        while not sessions._changing.statistics().tasks_waiting:
            await anyio.lowlevel.checkpoint()
        _files(tmp_path)[0].unlink()
    assert _files(tmp_path) == []
    assert await sessions.user_of(session) is None


async def test_closing_and_using_a_session_at_once_closes_it(tmp_path: Path) -> None:
    clock = Clock()
    sessions = Sessions(tmp_path, clock=clock)
    for _ in range(20):
        session = await sessions.open(uuid4())
        clock.now += 1_000
        async with anyio.create_task_group() as group:
            group.start_soon(sessions.user_of, session)
            group.start_soon(sessions.close, session)
            group.start_soon(sessions.user_of, session)
        assert await sessions.user_of(session) is None


async def test_a_session_that_cannot_be_stored_is_not_opened(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions")
    (tmp_path / "sessions").rmdir()
    with pytest.raises(SessionNotKept):
        await sessions.open(uuid4())


@pytest.mark.parametrize("strange", ["", "/", "../x", "\x00", "\udcff", "x" * 100_000])
async def test_any_text_can_be_asked_about(tmp_path: Path, strange: str) -> None:
    assert await Sessions(tmp_path).user_of(strange) is None
