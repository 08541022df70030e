"""The one way to the data: short transactions on SQLite or PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from rising_bsm.db.engine import WRITES, make_engine, supported_url
from rising_bsm.db.migrations import upgrade
from rising_bsm.db.sqlite import is_unavailable
from rising_bsm.errors import Busy

_ON_COMMIT = "rising_bsm_on_commit"


class DatabaseUnavailable(Busy):
    """The database cannot be reached, or somebody else holds it for too long."""

    code = "db.unavailable"


class Database:
    """The database behind `url` (`sqlite:///path/to/file` or `postgresql://user@host/name`), for one event loop.

    Raises InvalidInput (`db.unsupported_url`) for anything else. Nothing is opened before the first use.
    """

    def __init__(self, url: str) -> None:
        self.url = supported_url(url)
        self.engine, self._close = make_engine(self.url)
        self._reading = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writing = async_sessionmaker(self.engine.execution_options(**{WRITES: True}), expire_on_commit=False)
        self._one_writer = asyncio.Lock() if self.url.get_backend_name() == "sqlite" else None
        self._writer: asyncio.Task[Any] | None = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for queries; each statement sees what is committed when it starts. Raises DatabaseUnavailable."""
        with _unavailable_when_it_fails():
            async with self._reading() as session:
                await _connect(session)
                yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose writes are committed together on leaving, or not at all when an exception leaves it.

        Keep it short: await nothing but the session inside, and open no other. Raises DatabaseUnavailable.
        """
        async with self._turn():
            with _unavailable_when_it_fails():
                async with self._writing.begin() as session:
                    await _connect(session)
                    yield session
            for callback in session.info.get(_ON_COMMIT, ()):
                callback()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        # SQLite has one writer at a time and lets the others poll; queueing here is fair and wakes up at once.
        if self._one_writer is None:
            yield
            return
        if self._writer is asyncio.current_task():
            raise RuntimeError("a transaction is open in this task already")
        async with self._one_writer:
            self._writer = asyncio.current_task()
            try:
                yield
            finally:
                self._writer = None

    async def migrate(self) -> None:
        """Brings the schema to the newest revision, from wherever it is; keeps what is stored."""
        async with self.transaction() as session:
            await (await session.connection()).run_sync(upgrade)

    async def close(self) -> None:
        """Closes every connection; what is still being done on one fails."""
        await self._close()


def on_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """Once what `session` of a transaction has written is stored, `callback` is called; never if it is not."""
    session.info.setdefault(_ON_COMMIT, []).append(callback)


async def _connect(session: AsyncSession) -> None:
    try:
        await session.connection()
    except OSError as error:
        raise _unavailable(error) from error
    except DBAPIError as error:
        raise _unavailable(error.orig or error) from error


@contextmanager
def _unavailable_when_it_fails() -> Iterator[None]:
    try:
        yield
    except PoolExhausted as error:
        raise _unavailable(error) from error
    except DBAPIError as error:
        if _is_about_the_statement(error):
            raise
        raise _unavailable(error.orig or error) from error


def _is_about_the_statement(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return not is_unavailable(error.orig)
    return not (error.connection_invalidated or isinstance(error, OperationalError))


def _unavailable(reason: BaseException) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"The database cannot do this now: {reason}.",
        next_step="Try again; if it stays so, see that the database runs and that its disk is not full.",
    )
