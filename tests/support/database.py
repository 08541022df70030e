"""Databases for tests: SQLite always, PostgreSQL where a server answers."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import URL, make_url, text

from rising_bsm.db import Database, Row

BACKENDS = ("sqlite", "postgresql")


@asynccontextmanager
async def open_database(backend: str = "sqlite", *, migrated: bool = True) -> AsyncIterator[Database]:
    """A database of its own, gone afterwards."""
    opened = _sqlite if backend == "sqlite" else _postgresql
    async with opened(migrated) as database:
        yield database


@asynccontextmanager
async def _sqlite(migrated: bool) -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.db"
        if migrated:
            path.write_bytes(await _migrated_file())
        database = Database(f"sqlite:///{path}")
        try:
            yield database
        finally:
            await database.close()


_MIGRATED: list[bytes] = []


async def _migrated_file() -> bytes:
    # Migrating takes a moment; every test starts from a copy of one migrated file.
    if not _MIGRATED:
        async with _sqlite(migrated=False) as database:
            await database.migrate()
            await database.close()
            _MIGRATED.append(_bytes_of(database))
    return _MIGRATED[0]


def _bytes_of(database: Database) -> bytes:
    return Path(str(database.url.database)).read_bytes()


@asynccontextmanager
async def _postgresql(migrated: bool) -> AsyncIterator[Database]:
    async with postgresql_database_url() as url:
        database = Database(url)
        try:
            if migrated:
                await database.migrate()
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def postgresql_database_url() -> AsyncIterator[str]:
    """The address of a new, empty PostgreSQL database, dropped afterwards."""
    server = await postgresql_server()
    name = f"rising_bsm_test_{uuid4().hex}"
    await _on(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        await _on(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def migrated_postgresql() -> Iterator[str]:
    # One for all tests, which leave it empty; making and migrating one per test would take most of the time.
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        url = runner.run(stack.enter_async_context(postgresql_database_url()))
        try:
            runner.run(_migrate(url))
            yield url
        finally:
            runner.run(stack.aclose())


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


@pytest.fixture
def shared_postgresql(backend: str, request: pytest.FixtureRequest) -> str | None:
    return str(request.getfixturevalue("migrated_postgresql")) if backend == "postgresql" else None


@pytest.fixture
async def database(shared_postgresql: str | None, anyio_backend: str) -> AsyncIterator[Database]:
    """A migrated database without rows, once on SQLite and once on PostgreSQL."""
    opened = _without_rows(shared_postgresql) if shared_postgresql else open_database("sqlite")
    async with opened as database:
        yield database


@asynccontextmanager
async def _without_rows(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
        async with database.transaction() as session:
            # Few tables have rows, and making a table empty that has none takes as long.
            names = [table.name for table in reversed(Row.metadata.sorted_tables)]
            asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
            filled = set((await session.scalars(text(asked))).all())
            for name in names:
                if name in filled:
                    await session.execute(text(f"DELETE FROM {name}"))
    finally:
        await database.close()


async def postgresql_server() -> URL:
    """The server of RISING_BSM_TEST_POSTGRES_URL, or one on this machine; skips the test without, fails it in CI."""
    chosen = os.environ.get("RISING_BSM_TEST_POSTGRES_URL")
    local = (f"postgresql://{user}@127.0.0.1:5432/test" for user in ("root", "postgres"))
    for address in [chosen] if chosen else local:
        url = make_url(address)
        if await _answers(url):
            return url
    missing = "no PostgreSQL answers; set RISING_BSM_TEST_POSTGRES_URL or start one on 127.0.0.1:5432"
    if chosen or os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


async def _answers(url: URL) -> bool:
    try:
        await _on(url, "SELECT 1")
    except (OSError, asyncpg.PostgresError):
        return False
    return True


async def _on(server: URL, statement: str) -> None:
    connection = await asyncpg.connect(server.render_as_string(hide_password=False), timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
