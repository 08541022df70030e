"""SQLite connections for the event loop: one thread each, and one visit to it per statement.

The driver visits its thread four times per statement (cursor, execute, fetch, close), and to roll back nothing.
Each visit costs two context switches and a wait for the interpreter's lock: together most of a short query.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Self

import aiosqlite

# The timeout first: switching to WAL waits for others already.
_PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")

_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


async def connect(path: str) -> aiosqlite.Connection:
    """An open connection to the database file, which is made if there is none; transactions begin only when told to."""
    connection = _Connection(lambda: _opened(path), iter_chunk_size=64)
    # As the dialect does with connections of its own: a forgotten one must not keep the process alive.
    connection._thread.daemon = True
    try:
        return await connection
    except sqlite3.Error:
        # The thread is ending, and must not outlive the event loop that it still reports to.
        connection._thread.join()
        raise


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def is_unavailable(error: sqlite3.Error) -> bool:
    """Whether SQLite says that it cannot now, rather than that the statement is wrong."""
    # The lower byte is the primary code: https://www.sqlite.org/rescode.html
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _UNAVAILABLE


class _Cursor:
    """A cursor that runs a statement and fetches its rows in one visit."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.lastrowid: int | None = None
        self.rowcount, self.arraysize = -1, 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        await self._connection.visit(self._run, lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._connection.visit(self._run, lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _run(self, execute: Callable[[sqlite3.Cursor], object]) -> None:
        cursor = self._connection._conn.cursor()
        try:
            execute(cursor)
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()


class _Connection(aiosqlite.Connection):
    """The driver's connection with our cursor."""

    def cursor(self) -> _Cursor:  # type: ignore[override]  # the dialect takes cursors with or without await
        return _Cursor(self)

    async def visit(self, function: Callable[..., None], *arguments: Any) -> None:
        await self._execute(function, *arguments)  # type: ignore[no-untyped-call]

    async def rollback(self) -> None:
        if self.in_transaction:
            await super().rollback()
