"""A plugin that never answers holds no connection and no transaction, whatever it was asked."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.runtime import RuntimeLimits
from rising_bsm.sandbox import Limits, Pool
from support.events import Instance, open_instance, until
from support.people import make_customer

pytestmark = pytest.mark.anyio

HANGS = """
@route("GET", "/")
def hang(self, ctx, request):
    ctx.storage.set("route", 1)
    while True: pass

@before("customers.create")
def hold(self, ctx, draft):
    ctx.storage.set("before", 1)
    while True: pass

@after("customers.update")
def late(self, ctx, event):
    ctx.storage.set("after", 1)
    while True: pass
"""
LIMITS = Limits(wall_seconds=3.0, fuel=10**12)


async def test_a_plugin_that_never_answers_holds_no_connection_and_no_transaction(
    pool: Pool, database: Database
) -> None:
    limits = RuntimeLimits(call=LIMITS, before=LIMITS, background=LIMITS)
    async with open_instance(pool, database, limits=limits) as instance:
        customer = await make_customer(database)
        await instance.attach(HANGS, grants={"customers.read"})
        await instance.customers.update(SYSTEM, customer.id, {"city": "Rostock"})
        async with instance.delivering():
            hanging = [asyncio.create_task(each) for each in (ask(instance), create(instance))]

            async def all_hang() -> bool:
                return await instance.storage().count("") == 3

            async def nothing_is_held() -> bool:
                return database.engine.pool.checkedout() == 0 and await transactions(database) == 0  # type: ignore[attr-defined]

            await until(all_hang)
            # Who looks for deliveries has a connection now and then, for a moment.
            await until(nothing_is_held, 1.0)
            assert not any(task.done() for task in hanging)
            await make_customer(database, email="meanwhile@example.com")
            await asyncio.gather(*hanging)


async def ask(instance: Instance) -> None:
    with suppress(Error):
        await instance.get()


async def create(instance: Instance) -> None:
    with suppress(Error):
        await make_customer(instance.database, hooks=instance.hooks)


async def transactions(database: Database) -> int:
    """How many transactions there are beside the one that asks."""
    if database.url.get_backend_name() == "sqlite":
        return 0
    others = "datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    async with database.reading() as session:
        return await session.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")) or 0
