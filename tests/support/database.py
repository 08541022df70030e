"""Databases for tests: SQLite always, PostgreSQL where a server answers."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from rising_bsm.db import Database

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
    server = await postgresql_server()
    name = f"rising_bsm_test_{uuid4().hex}"
    await _on(server, f'CREATE DATABASE "{name}"')
    database = Database(server.set(database=name).render_as_string(hide_password=False))
    try:
        if migrated:
            await database.migrate()
        yield database
    finally:
        await database.close()
        await _on(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def postgresql_server() -> URL:
    """The server of RISING_BSM_TEST_POSTGRES_URL, or one on this machine; skips the test without, fails it in CI."""
    chosen = os.environ.get("RISING_BSM_TEST_POSTGRES_URL")
    local = (f"postgresql://{user}@127.0.0.1:5432/test" for user in ("root", "postgres"))
    for text in [chosen] if chosen else local:
        url = make_url(text)
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
