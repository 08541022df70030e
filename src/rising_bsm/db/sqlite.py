"""SQLite connections for the event loop: what is short is done at once, what is long on a thread.

Nearly every statement of ours takes less than a tenth of a millisecond. The driver takes each to its thread four times
(cursor, execute, fetch, close), and each visit costs two context switches and a wait for the interpreter's lock: a
request that creates a customer took a third longer for it, and half of its time waiting. So a statement is tried where
it is asked, with a budget of steps; one that needs more is begun anew on the thread, where it keeps nobody waiting.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, Self
from weakref import WeakSet

import aiosqlite

PATIENCE_MS = 5000
"""How long a statement waits for another process that writes."""
# The timeout first: switching to WAL waits for others already. Afterwards nobody waits but on the thread.
_PRAGMAS = (
    *(f"busy_timeout={PATIENCE_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"),
    "busy_timeout=0",
)
STEPS = 50_000
"""How many instructions of SQLite's machine a query may take on the event loop: two or three milliseconds."""

_ANEW = {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY}
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


class Connections:
    """The connections to one database file, which is made if there is none."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._made: WeakSet[aiosqlite.Connection] = WeakSet()

    async def open(self) -> aiosqlite.Connection:
        """A new one; its transactions begin only when told to."""
        connection = await _connect(self._path)
        self._made.add(connection)
        return connection

    async def close(self) -> None:
        """Closes those that are still open, in use or not: who returns one to a pool that is gone leaves it open."""
        for connection in list(self._made):
            await connection.close()


async def _connect(path: str) -> aiosqlite.Connection:
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
    """A cursor that runs a statement and fetches its rows in one go."""

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
    """The driver's connection with our cursor; a transaction begins with its first statement."""

    _beginning = False

    def cursor(self) -> _Cursor:  # type: ignore[override]  # the dialect takes cursors with or without await
        return _Cursor(self)

    def begin(self) -> None:
        """What is asked next begins a transaction that may write."""
        self._beginning = True

    async def visit(self, function: Callable[..., object], *arguments: Any) -> None:
        """Calls `function`: here if that is short, on the thread if it is long or somebody must be waited for."""
        if self._beginning:
            self._beginning = False
            await self._begin()
        if self.in_transaction:
            function(*arguments)  # what has changed something cannot be begun anew
        else:
            await self._tried(function, *arguments)

    async def _begin(self) -> None:
        # Without a budget: steps are counted over all runs of a statement, and one that is cut short may have begun.
        try:
            self._conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await self._on_the_thread(self._conn.execute, "BEGIN IMMEDIATE")

    async def _tried(self, function: Callable[..., object], *arguments: Any) -> None:
        self._conn.set_progress_handler(_over_budget, STEPS)
        try:
            function(*arguments)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _ANEW:
                raise
        else:
            return
        finally:
            self._conn.set_progress_handler(None, 0)
        await self._on_the_thread(function, *arguments)

    async def _on_the_thread(self, function: Callable[..., object], *arguments: Any) -> None:
        left = threading.Event()
        work = asyncio.ensure_future(self._execute(self._patiently, left, function, *arguments))  # type: ignore[no-untyped-call]
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            # Whoever gets the connection next must not meet this statement on it.
            left.set()
            await asyncio.gather(work, return_exceptions=True)
            raise

    def _patiently(self, left: threading.Event, function: Callable[..., object], *arguments: Any) -> None:
        self._conn.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        self._conn.set_progress_handler(left.is_set, STEPS)
        try:
            function(*arguments)
        finally:
            self._conn.set_progress_handler(None, 0)
            self._conn.execute("PRAGMA busy_timeout=0")

    async def commit(self) -> None:
        self._beginning = False
        if self.in_transaction:
            self._conn.commit()

    async def rollback(self) -> None:
        self._beginning = False
        if self.in_transaction:
            self._conn.rollback()


def _over_budget() -> bool:
    return True
