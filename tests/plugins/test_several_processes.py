"""Several processes on one database and one folder; here they are several instances, each with its own connections."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import Database, now, uuid7
from rising_bsm.errors import Error
from rising_bsm.plugins.changes import BeingChanged
from rising_bsm.plugins.states import State
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.tables import plugin_storage
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import Instance, make_signed_plugin, open_plugins

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return [ctx.plugin.version, ctx.may("users.read")]

@before("customers.create")
def look(self, ctx, draft):
    return draft | {"city": ctx.plugin.version}
"""
ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"])
OPTIONAL = {"optional_permissions": [{"code": "users.read", "reason": "To name who did it."}]}


async def make_version(pool: Pool, version: str = "1.0.0", methods: str = "") -> bytes:
    return await make_signed_plugin(pool, PLUGIN + methods, version=version, **OPTIONAL)


@asynccontextmanager
async def another(instance: Instance, pool: Pool) -> AsyncIterator[Instance]:
    """Another instance on the same data."""
    database = Database(instance.database.url.render_as_string(hide_password=False))
    try:
        async with open_plugins(pool, database, instance.folder) as found:
            yield found
    finally:
        await database.close()


async def answer(instance: Instance) -> object:
    await instance.plugins.follow()
    try:
        body = await instance.ask()
    except Error as error:
        body = error.code
    seen = (await instance.hooks.run_before("customers.create", {"city": ""}, None, SYSTEM))["city"]
    assert bool(seen) == isinstance(body, list), "never its routes without its hooks, or the other way round"
    return body


async def test_what_one_does_the_other_follows(on_each_database: Instance, pool: Pool) -> None:
    one = on_each_database
    async with another(one, pool) as other:
        assert await answer(other) == "plugin.not_active"
        await one.plugins.install(SYSTEM, await make_version(pool))
        assert await answer(other) == ["1.0.0", False]
        await one.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"))
        assert await answer(other) == ["1.1.0", False]
        await other.plugins.grant(SYSTEM, "acme.test", ["users.read"])
        assert await answer(one) == ["1.1.0", True]
        await other.plugins.rollback(SYSTEM, "acme.test")
        assert await answer(one) == ["1.0.0", True]
        await one.plugins.deactivate(SYSTEM, "acme.test")
        assert await answer(other) == "plugin.not_active"
        await other.plugins.activate(SYSTEM, "acme.test")
        assert await answer(one) == ["1.0.0", True]
        await other.plugins.uninstall(SYSTEM, "acme.test")
        assert await answer(one) == "plugin.not_active"
        assert await one.remains() == []


async def test_what_was_signed_with_a_distrusted_key_runs_nowhere(on_each_database: Instance, pool: Pool) -> None:
    one = on_each_database
    async with another(one, pool) as other:
        await one.plugins.install(SYSTEM, await make_version(pool))
        assert await answer(other) == ["1.0.0", False]

        await one.keys.distrust(SYSTEM, make_key().public_key.key_id)
        await other.plugins.follow()

        with pytest.raises(Error) as refusal:
            await other.ask()
        assert refusal.value.code == "bundle.untrusted_key"


async def test_what_the_other_has_not_noticed_yet_still_answers_there(on_each_database: Instance, pool: Pool) -> None:
    one = on_each_database
    async with another(one, pool) as other:
        await one.plugins.install(SYSTEM, await make_version(pool))
        await other.plugins.follow()

        await one.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"))

        # Its code was not even loaded there.
        assert await other.ask() == ["1.0.0", False]


async def test_one_process_at_a_time_changes_a_plugin(on_each_database: Instance, pool: Pool) -> None:
    one = on_each_database
    slow = "\ndef on_deactivate(self, ctx):\n    ctx.log.info('going')\n    time.sleep(0.5)\n"
    await one.plugins.install(SYSTEM, await make_version(pool, methods=slow))
    async with another(one, pool) as other:
        going = asyncio.create_task(one.plugins.deactivate(SYSTEM, "acme.test"))
        while await one.state() == "active":  # noqa: ASYNC110 - the state is in the database
            await asyncio.sleep(0)

        for change in (other.plugins.activate, other.plugins.deactivate, other.plugins.uninstall):
            with pytest.raises(BeingChanged):
                await change(SYSTEM, "acme.test")

        await going
        await other.plugins.activate(SYSTEM, "acme.test")


@ON_POSTGRESQL
async def test_a_process_that_starts_leaves_alone_what_another_is_installing(
    pool: Pool, database: Database, tmp_path: Path
) -> None:
    async with open_plugins(pool, database, tmp_path) as one:
        await one.trust("acme")
        slow = "\ndef on_install(self, ctx):\n    ctx.log.info('here')\n    time.sleep(0.5)\n"
        installing = asyncio.create_task(one.plugins.install(SYSTEM, await make_version(pool, methods=slow)))
        while not await one.plugins.list(SYSTEM):  # noqa: ASYNC110 - the state is in the database
            await asyncio.sleep(0)

        async with another(one, pool) as other:
            await installing

            assert await answer(other) == ["1.0.0", False]


@ON_POSTGRESQL
@pytest.mark.parametrize("state", [State.UPLOADED, State.STAGED, State.REMOVING])
async def test_what_a_dead_process_left_is_removed_once_nobody_can_be_at_it(
    pool: Pool, database: Database, tmp_path: Path, state: State
) -> None:
    async with open_plugins(pool, database, tmp_path) as one:
        await one.trust("acme")
        await one.plugins.install(SYSTEM, await make_version(pool))
        await _leave(database, state, seconds=10)
        async with another(one, pool) as other:
            assert await other.remains() != []
        await _leave(database, state, seconds=-1)

        async with another(one, pool) as other:
            assert await other.remains() == []


async def test_a_plugin_that_a_dead_process_was_changing_can_be_changed_again(
    on_each_database: Instance, pool: Pool
) -> None:
    one = on_each_database
    await one.plugins.install(SYSTEM, await make_version(pool))
    await _leave(one.database, State.ACTIVE, seconds=10)
    with pytest.raises(BeingChanged):
        await one.plugins.deactivate(SYSTEM, "acme.test")

    await _leave(one.database, State.ACTIVE, seconds=-1)

    await one.plugins.deactivate(SYSTEM, "acme.test")


@pytest.mark.parametrize("change", ["activate", "update"])
async def test_who_stood_still_for_too_long_changes_nothing(
    on_each_database: Instance, pool: Pool, change: str
) -> None:
    one = on_each_database
    slow = """
def on_activate(self, ctx):
    if ctx.storage.increment("n") > 1:
        time.sleep(0.5)

def on_update(self, ctx, from_version):
    ctx.storage.set("n", 2)
    time.sleep(0.5)
"""
    await one.plugins.install(SYSTEM, await make_version(pool, methods=slow))
    await one.plugins.deactivate(SYSTEM, "acme.test")
    if change == "activate":
        changing = asyncio.create_task(one.plugins.activate(SYSTEM, "acme.test"))
    else:
        bundle = await make_version(pool, "1.1.0", methods=slow)
        changing = asyncio.create_task(one.plugins.update(SYSTEM, "acme.test", bundle))
    while await _stored(one.database) != "2":  # noqa: ASYNC110 - nobody tells that the plugin runs
        await asyncio.sleep(0)
    await _leave(one.database, State.INACTIVE, seconds=10)

    with pytest.raises(BeingChanged):
        await changing

    assert (await one.state(), (await one.plugins.get(SYSTEM, "acme.test")).version) == ("inactive", "1.0.0")
    assert await answer(one) == "plugin.not_active"


async def _stored(database: Database) -> object:
    async with database.reading() as session:
        return await session.scalar(select(plugin_storage.c.value))


async def _leave(database: Database, state: State, seconds: float) -> None:
    """As if another process had begun something that it has this long for, and had died."""
    until = now() + timedelta(seconds=seconds)
    async with database.transaction() as session:
        await session.execute(update(InstalledPlugin).values(state=state, busy_by=uuid7(), busy_until=until))


@ON_POSTGRESQL
async def test_it_takes_less_than_a_second(pool: Pool, database: Database, tmp_path: Path) -> None:
    async with open_plugins(pool, database, tmp_path) as one, another(one, pool) as other, other.plugins.following():
        await one.trust("acme")
        await one.plugins.install(SYSTEM, await make_version(pool))
        began = time.monotonic()
        while "acme.test" not in other.runtime.attached:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        assert time.monotonic() - began < 1

        await one.plugins.deactivate(SYSTEM, "acme.test")
        began = time.monotonic()
        while "acme.test" in other.runtime.attached:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        assert time.monotonic() - began < 1
