"""Who is signed in with a browser: kept on disk, so that a restart signs nobody out."""

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from uuid import UUID

import anyio
import msgspec
from anyio.to_thread import run_sync

from rising_bsm.errors import Failed

IDLE_SECONDS = 12 * 3600
LIFE_SECONDS = 30 * 24 * 3600
_RENEW_SECONDS = 300


class SessionNotKept(Failed):
    """Sessions cannot be written down, so none is opened."""

    code = "session.not_kept"


@dataclass(frozen=True)
class Session:
    """A browser in which `user_id` signed in at `opened`, and which was heard of at `seen` (Unix seconds)."""

    user_id: UUID
    opened: float
    seen: float

    def ended(self, now: float) -> bool:
        """Whether it was left alone, or went on, for too long."""
        return now - self.seen > IDLE_SECONDS or now - self.opened > LIFE_SECONDS


class Sessions:
    """The open sessions, one file each in `folder`, named by the hash of an id that only the browser has.

    A session ends by itself 12 hours after it was last used, and 30 days after it was opened.
    Raises SessionNotKept when there can be no such folder.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _not_kept("Nobody can be signed in: there is no folder for the sessions.", folder) from error
        self._folder = folder
        self._clock = clock
        self._changing = anyio.Lock()

    async def open(self, user_id: UUID) -> str:
        """The id of a new session; nobody has seen it before. Raises SessionNotKept."""
        session_id, now = secrets.token_urlsafe(32), self._clock()
        try:
            await run_sync(_write, self._file(session_id), Session(user_id, opened=now, seen=now))
        except OSError as error:
            raise _not_kept("You cannot be signed in: the session cannot be stored.") from error
        return session_id

    async def user_of(self, session_id: str) -> UUID | None:
        """Who signed in with this session, unless it has ended; to ask is to use it."""
        file, now = self._file(session_id), self._clock()
        session = await run_sync(_read, file)
        if session is None:
            return None
        if session.ended(now):
            await self.close(session_id)
            return None
        if now - session.seen > _RENEW_SECONDS:
            await self._renew(file, Session(session.user_id, session.opened, seen=now))
        return session.user_id

    async def close(self, session_id: str) -> None:
        """The session is over; closing one that is not open is fine."""
        async with self._changing:
            self._file(session_id).unlink(missing_ok=True)

    async def close_all(self, user_id: UUID, *, but: str | None = None) -> None:
        """Every session of this user is over, but for the one with the id `but`."""
        kept = self._file(but) if but else None
        async with self._changing:
            await run_sync(self._close_all, user_id, kept)

    async def purge(self) -> None:
        """Removes what has ended, and what cannot be read."""
        await run_sync(self._purge)

    async def _renew(self, file: Path, session: Session) -> None:
        # One at a time with `close`, so that a request still running does not revive what was just signed out.
        async with self._changing:
            await run_sync(_rewrite, file, session)

    def _close_all(self, user_id: UUID, kept: Path | None) -> None:
        for file in self._folder.iterdir():
            session = _read(file)
            if file != kept and session is not None and session.user_id == user_id:
                file.unlink(missing_ok=True)

    def _purge(self) -> None:
        now = self._clock()
        for file in self._folder.iterdir():
            session = _read(file)
            if session is None or session.ended(now):
                file.unlink(missing_ok=True)

    def _file(self, session_id: str) -> Path:
        return self._folder / sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()


def _not_kept(message: str, place: Path | None = None) -> SessionNotKept:
    step = "See that the disk with the data folder is writable and not full."
    return SessionNotKept(message, place=str(place) if place else None, next_step=step)


def _read(file: Path) -> Session | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Session)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _rewrite(file: Path, session: Session) -> None:
    if file.exists():
        _write(file, session)


def _write(file: Path, session: Session) -> None:
    handle, new = mkstemp(dir=file.parent, prefix="new-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(msgspec.json.encode(session))
        os.replace(new, file)
    except OSError:
        os.unlink(new)
        raise
