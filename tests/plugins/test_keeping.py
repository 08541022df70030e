"""What an uninstalled plugin leaves behind, and for whom."""

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import Error
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio

ID = "acme.test"
PLUGIN = """
def on_install(self, ctx):
    ctx.log.info("found", n=ctx.storage.get("n"))

def on_uninstall(self, ctx):
    ctx.storage.delete("n")

@route("GET", "/")
def count(self, ctx, request):
    return [ctx.storage.increment("n"), ctx.settings["greeting"]]
"""
SETTINGS = [{"name": "greeting", "type": "text", "label": "Greeting", "default": "Hello"}]


async def install(instance: Instance, pool: Pool, **changes: object) -> None:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, PLUGIN, settings=SETTINGS, **changes))  # type: ignore[arg-type]


async def used(instance: Instance, pool: Pool) -> None:
    """The plugin was asked twice and set."""
    await install(instance, pool)
    await instance.ask()
    await instance.ask()
    fields = (await instance.plugins.get(SYSTEM, ID)).manifest.settings
    async with instance.database.transaction() as session:
        await instance.runtime.settings_of(ID, fields).write(session, {"greeting": "Hi"})


async def test_data_that_are_kept_come_back(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    await used(instance, pool)
    await instance.plugins.uninstall(SYSTEM, ID, keep_data=True)
    assert sorted(await instance.remains()) == ["plugin_snapshots"]

    await install(instance, pool)

    assert await instance.ask() == [3, "Hi"]
    assert "plugin_snapshots" not in await instance.remains()


async def test_data_that_are_not_kept_are_gone(instance: Instance, pool: Pool) -> None:
    await used(instance, pool)
    await instance.plugins.uninstall(SYSTEM, ID)
    assert await instance.remains() == []
    await install(instance, pool)
    assert await instance.ask() == [1, "Hello"]


async def test_an_installation_that_fails_loses_nothing_that_is_kept(instance: Instance, pool: Pool) -> None:
    await used(instance, pool)
    await instance.plugins.uninstall(SYSTEM, ID, keep_data=True)
    failing = PLUGIN.replace('ctx.log.info("found", n=ctx.storage.get("n"))', "1 / 0")
    with pytest.raises(Error):
        await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, failing, settings=SETTINGS))

    await install(instance, pool)

    assert await instance.ask() == [3, "Hi"]


async def test_somebody_else_does_not_get_them(instance: Instance, pool: Pool) -> None:
    await used(instance, pool)
    await instance.plugins.uninstall(SYSTEM, ID, keep_data=True)
    await instance.keys.distrust(SYSTEM, make_key().public_key.key_id)
    await instance.trust("acme", key=make_key(2))

    with pytest.raises(Error) as refusal:
        await install(instance, pool, key=make_key(2))

    assert refusal.value.code == "plugins.data_of_another"
    await instance.plugins.uninstall(SYSTEM, ID)  # the data, as the plugin is gone already
    await install(instance, pool, key=make_key(2))
    assert await instance.ask() == [1, "Hello"]


async def test_another_key_of_the_same_publisher_gets_them(instance: Instance, pool: Pool) -> None:
    await used(instance, pool)
    await instance.plugins.uninstall(SYSTEM, ID, keep_data=True)
    await instance.trust("acme", key=make_key(2))

    await install(instance, pool, key=make_key(2))

    assert await instance.ask() == [3, "Hi"]
