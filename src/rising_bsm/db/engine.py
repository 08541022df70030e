"""Engines: which databases there are, and how a connection to each is set up."""

from collections.abc import Awaitable, Callable

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rising_bsm.db import sqlite
from rising_bsm.errors import InvalidInput

WRITES = "rising_bsm_writes"
"""The execution option of connections that are going to write."""

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def supported_url(text: str) -> URL:
    """The URL with our driver in it; raises InvalidInput unless it names a SQLite file or PostgreSQL."""
    try:
        url = make_url(text)
        driver = _DRIVERS[url.get_backend_name()]
    except (ArgumentError, KeyError) as error:
        raise _unsupported("This is not the address of a database we know.") from error
    if "sqlite" in driver and (not url.database or ":memory:" in url.database or "mode" in url.query):
        # Its connections would share one transaction, or see one database each.
        raise _unsupported("A SQLite database must be a file; one in memory cannot be shared by concurrent requests.")
    return url.set(drivername=driver)


def _unsupported(message: str) -> InvalidInput:
    step = "Use sqlite:///path/to/file or postgresql://user:password@host/name."
    return InvalidInput(message, code="db.unsupported_url", place="database url", next_step=step)


def make_engine(url: URL) -> tuple[AsyncEngine, Callable[[], Awaitable[None]]]:
    """An engine for a URL from `supported_url`, and what closes all its connections."""
    if url.get_backend_name() == "postgresql":
        engine = create_async_engine(url, hide_parameters=True, pool_size=10, max_overflow=0, pool_pre_ping=True)
        return engine, engine.dispose
    connections = sqlite.Connections(str(url.database))
    engine = create_async_engine(url, hide_parameters=True, pool_size=4, max_overflow=0, async_creator=connections.open)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)

    async def close() -> None:
        await engine.dispose()
        await connections.close()

    return engine, close


def _begin_sqlite(connection: Connection) -> None:
    # A statement alone needs no transaction.
    if connection.get_execution_options().get(WRITES):
        connection.connection.driver_connection.begin()  # type: ignore[union-attr]  # it is there while this runs
