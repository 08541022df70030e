"""The words that were kept by their places, on their way to levels and back."""

from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text

from rising_bsm.db import Database
from rising_bsm.db.migrations.versions import r0015_levels_of_words as revision
from support.catalogue import Shelf
from support.database import open_database

pytestmark = pytest.mark.anyio

PLACES = "SELECT name, tags, description, readme, facets FROM market_search"


async def test_words_are_put_on_their_levels_and_back() -> None:
    async with open_database() as database:
        shelf = Shelf(database)
        said = {"description": "Pay in time.", "readme": "Café: money, 3 times"}
        await shelf.publish("pay", display_name="Pay", tags=["money", "pay"], **said)
        await shelf.publish("zoo", tags=[], description="!", readme="")
        levels = await kept(database, "SELECT words FROM market_search")

        await run(database, revision.downgrade)
        assert (await kept(database, PLACES))[0] == [
            {"pay"},
            {"acme", "money"},
            {"in", "time"},
            {"3", "cafe", "times"},
            {"=category=other", "=publisher=acme", "=tag=money", "=tag=pay"},
        ]
        await run(database, revision.upgrade)

        assert await kept(database, "SELECT words FROM market_search") == levels
        assert await shelf.find(q="money") == await shelf.find(q="tim") == ["acme.pay"]
        assert await shelf.find(tag="pay", q="3") == ["acme.pay"]


async def kept(database: Database, asked: str) -> list[list[set[str]]]:
    async with database.reading() as session:
        rows = (await session.execute(text(f"{asked} ORDER BY rowid"))).all()
    return [[set(words.split()) for words in row] for row in rows]


async def run(database: Database, step: Any) -> None:
    def with_operations(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            step()

    async with database.transaction() as session:
        await (await session.connection()).run_sync(with_operations)
