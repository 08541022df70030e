from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from rising_bsm.business.customers import Customer
from rising_bsm.db import Database, Row
from rising_bsm.db.migrations import downgrade
from support.database import open_database
from support.people import make_customer

pytestmark = pytest.mark.anyio

# Where tables are declared; those of a module that nobody imports are unknown to the models.
for module in (
    "accounts",
    "business.customers",
    "business.appointments",
    "business.requests",
    "business.notes",
    "business.notifications",
    "runtime.tables",
    "runtime.events.tables",
    "runtime.accounting.tables",
    "plugins.tables",
    "plugins.versions",
    "plugins.market.tables",
    "plugins.identity",
    "plugins.licences.tables",
    "marketplace.catalogue.tables",
    "marketplace.index.tables",
    "marketplace.publishing.tables",
    "marketplace.instances.tables",
    "marketplace.licences.tables",
    "marketplace.reviews.tables",
    "marketplace.submissions.tables",
):
    import_module(f"rising_bsm.{module}")


@pytest.fixture
async def empty(backend: str, anyio_backend: str) -> AsyncIterator[Database]:
    async with open_database(backend, migrated=False) as database:
        yield database


async def test_an_empty_database_gets_the_tables_of_the_models(empty: Database) -> None:
    await empty.migrate()

    assert await _differences(empty) == []
    assert {table.name for table in Row.metadata.sorted_tables} <= await _tables(empty)


async def test_a_column_without_a_migration_is_noticed(empty: Database) -> None:
    await empty.migrate()
    async with empty.transaction() as session:
        await (await session.connection()).exec_driver_sql("ALTER TABLE customers DROP COLUMN phone")

    assert [difference[0] for difference in await _differences(empty)] == ["add_column"]


async def test_migrating_again_keeps_what_is_stored(database: Database) -> None:
    customer = await make_customer(database, name="Kept")

    await database.migrate()

    async with database.reading() as session:
        assert (await session.get_one(Customer, customer.id)).name == "Kept"


async def test_every_revision_can_be_taken_back(empty: Database) -> None:
    await empty.migrate()
    async with empty.transaction() as session:
        await (await session.connection()).run_sync(downgrade)

    assert await _tables(empty) == {"alembic_version"}
    await empty.migrate()
    assert await _differences(empty) == []


async def test_a_migration_that_fails_halfway_leaves_nothing(empty: Database) -> None:
    async with empty.transaction() as session:
        await (await session.connection()).exec_driver_sql("CREATE TABLE customers (id INTEGER)")

    with pytest.raises(Exception, match="customers"):
        await empty.migrate()

    assert await _tables(empty) == {"customers"}


async def _differences(database: Database) -> list[Any]:
    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "include_name": _is_of_the_models}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Row.metadata))

    async with database.reading() as session:
        return await (await session.connection()).run_sync(compare)


def _is_of_the_models(name: str | None, kind: str, _parents: object) -> bool:
    # The search keeps its words in tables of the database's own making.
    return kind != "table" or not str(name).startswith("market_search")


async def _tables(database: Database) -> set[str]:
    async with database.reading() as session:
        return await (await session.connection()).run_sync(
            lambda connection: set(inspect(connection).get_table_names())
        )
