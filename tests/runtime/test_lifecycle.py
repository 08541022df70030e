import pytest

from rising_bsm.accounts import SYSTEM, ActivityLog
from rising_bsm.sandbox import PluginRaised
from support.runtime import PLUGIN, Instance, make_plugin

pytestmark = pytest.mark.anyio

METHODS = """
def on_install(self, ctx):
    ctx.storage.set("installed", True)
    ctx.customers.create(name="First", email="first@x.example")
def on_activate(self, ctx):
    ctx.customers.list()
async def on_deactivate(self, ctx):
    raise ValueError("never")
@route("GET", "/")
def run(self, ctx, request):
    return ctx.storage.get("installed", False)
"""


async def test_a_plugin_acts_as_itself_when_it_is_installed(instance: Instance) -> None:
    plugin = await make_plugin(instance.pool, METHODS, grants={"customers.create"})

    await instance.runtime.run_lifecycle(plugin, "on_install")

    entry = (await ActivityLog(instance.database).list(SYSTEM)).items[0]
    assert (entry.action, entry.user_id, entry.user_name, entry.plugin) == ("customers.create", None, PLUGIN, PLUGIN)
    instance.runtime.attach(plugin)
    assert (await instance.get()).body is True


async def test_it_may_do_exactly_what_it_was_granted(instance: Instance) -> None:
    plugin = await make_plugin(instance.pool, METHODS, grants={"customers.create", "users.manage"})

    with pytest.raises(PluginRaised) as failure:
        await instance.runtime.run_lifecycle(plugin, "on_activate")

    assert failure.value.message.startswith("acme.test failed in on_activate: The plugin raised NotPermitted: ")
    assert (await instance.runtime.log_of(PLUGIN))[0].message == failure.value.message


async def test_a_moment_that_fails_is_named(instance: Instance) -> None:
    plugin = await make_plugin(instance.pool, METHODS)

    with pytest.raises(
        PluginRaised, match=r"^acme\.test failed in on_deactivate: The plugin raised ValueError: never$"
    ):
        await instance.runtime.run_lifecycle(plugin, "on_deactivate")


@pytest.mark.parametrize("name", ["on_uninstall", "run", "__init__", ""])
async def test_what_is_no_exported_moment_is_not_run(instance: Instance, name: str) -> None:
    plugin = await make_plugin(instance.pool, METHODS)

    await instance.runtime.run_lifecycle(plugin, name)

    assert await instance.runtime.log_of(PLUGIN) == []
