import asyncio
from collections.abc import Awaitable, Callable

import pytest

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.errors import Error, NotFound, PermissionDenied
from rising_bsm.plugins.changes import BeingChanged
from rising_bsm.sandbox import PluginRaised, Pool
from support.people import make_actor, make_customer
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio

PLUGIN = """
def on_activate(self, ctx):
    if ctx.storage.get("broken"):
        raise RuntimeError("broken")
    ctx.storage.increment("activated")

def on_deactivate(self, ctx):
    ctx.storage.increment("deactivated")
    if ctx.storage.get("stubborn"):
        raise RuntimeError("no")

def on_uninstall(self, ctx):
    raise RuntimeError("never")

@route("GET", "/")
def counts(self, ctx, request):
    return [ctx.storage.get("activated"), ctx.storage.get("deactivated")]

@route("GET", "/set/{key}")
def set(self, ctx, request):
    ctx.storage.set(request.params["key"], True)

@before("customers.create")
def look(self, ctx, draft):
    raise Refuse("Nobody comes in.")
"""


@pytest.fixture
async def installed(instance: Instance, pool: Pool) -> Instance:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, PLUGIN))
    return instance


async def test_a_plugin_that_is_off_answers_nothing_and_guards_nothing(installed: Instance) -> None:
    with pytest.raises(Error, match="Nobody comes in"):
        await make_customer(installed.database, hooks=installed.hooks)

    await installed.plugins.deactivate(SYSTEM, "acme.test")

    assert await installed.state() == "inactive"
    with pytest.raises(NotFound):
        await installed.ask()
    await make_customer(installed.database, hooks=installed.hooks)


async def test_switched_on_again_it_has_what_it_stored(installed: Instance) -> None:
    await installed.plugins.deactivate(SYSTEM, "acme.test")
    await installed.plugins.activate(SYSTEM, "acme.test")

    assert await installed.ask() == [2, 1]
    assert await installed.state() == "active"


async def test_switching_to_where_it_is_does_nothing(installed: Instance) -> None:
    await installed.plugins.activate(SYSTEM, "acme.test")
    assert await installed.ask() == [1, None]

    for _ in range(2):
        await installed.plugins.deactivate(SYSTEM, "acme.test")
    await installed.plugins.activate(SYSTEM, "acme.test")
    assert await installed.ask() == [2, 1]


async def test_one_that_raises_when_it_is_switched_on_stays_off(installed: Instance) -> None:
    await installed.ask("/set/broken")
    await installed.plugins.deactivate(SYSTEM, "acme.test")

    with pytest.raises(PluginRaised, match="broken"):
        await installed.plugins.activate(SYSTEM, "acme.test")

    assert await installed.state() == "inactive"
    with pytest.raises(NotFound):
        await installed.ask()


async def test_one_that_raises_when_it_is_switched_off_goes_off_all_the_same(installed: Instance) -> None:
    await installed.ask("/set/stubborn")

    await installed.plugins.deactivate(SYSTEM, "acme.test")

    assert await installed.state() == "inactive"
    messages = [line.message for line in await installed.plugins.log(SYSTEM, "acme.test", 10)]
    assert "no" in messages[0]


async def test_nothing_is_left_of_one_that_is_removed(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, PLUGIN))
    await instance.ask("/set/key")
    assert await instance.remains() != []

    await instance.plugins.uninstall(SYSTEM, "acme.test")

    assert await instance.remains() == []
    with pytest.raises(NotFound):
        await instance.ask()
    await make_customer(instance.database, hooks=instance.hooks)


async def test_one_that_is_off_can_be_removed(installed: Instance) -> None:
    await installed.plugins.deactivate(SYSTEM, "acme.test")
    await installed.plugins.uninstall(SYSTEM, "acme.test")

    assert await installed.remains() == []


async def test_a_call_that_outlives_its_plugin_leaves_nothing(instance: Instance, pool: Pool) -> None:
    late = """
    @route("GET", "/")
    def slow(self, ctx, request):
        ctx.log.info("begun")
        ctx.storage.set("begun", True)
        time.sleep(0.3)
        ctx.storage.set("late", True)
        ctx.log.info("late")

    @route("GET", "/begun")
    def begun(self, ctx, request):
        return ctx.storage.get("begun", False)
    """
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, late))
    call = asyncio.create_task(instance.ask())
    while not await instance.ask("/begun"):
        pass

    await instance.plugins.uninstall(SYSTEM, "acme.test")

    assert call.done()
    assert await instance.remains() == []


async def test_removing_one_leaves_the_others_alone(installed: Instance, pool: Pool) -> None:
    keeper = '@route("GET", "/")\ndef count(self, ctx, request): return ctx.storage.increment("n")'
    await installed.plugins.install(SYSTEM, await make_signed_plugin(pool, keeper, name="test-two"))
    await installed.ask(plugin="acme.test-two")

    await installed.plugins.uninstall(SYSTEM, "acme.test")

    assert await installed.ask(plugin="acme.test-two") == 2


async def test_one_thing_at_a_time_is_done_to_a_plugin(instance: Instance, pool: Pool) -> None:
    slow = "def on_deactivate(self, ctx): time.sleep(0.3)"
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, slow))
    first = asyncio.create_task(instance.plugins.deactivate(SYSTEM, "acme.test"))
    await asyncio.sleep(0)

    for change in (instance.plugins.activate, instance.plugins.deactivate, instance.plugins.uninstall):
        with pytest.raises(BeingChanged):
            await change(SYSTEM, "acme.test")

    await first
    await instance.plugins.activate(SYSTEM, "acme.test")


Verb = Callable[[Instance, Actor, str], Awaitable[object]]
VERBS: list[Verb] = [
    lambda instance, actor, name: instance.plugins.get(actor, name),
    lambda instance, actor, name: instance.plugins.log(actor, name, 1),
    lambda instance, actor, name: instance.plugins.activate(actor, name),
    lambda instance, actor, name: instance.plugins.deactivate(actor, name),
    lambda instance, actor, name: instance.plugins.uninstall(actor, name),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["acme.other", "", "%", "acme.tes_", "ACME.TEST", "acme.test "])
async def test_what_is_not_installed_is_not_found(installed: Instance, verb: Verb, name: str) -> None:
    with pytest.raises(NotFound):
        await verb(installed, SYSTEM, name)
    assert await installed.state() == "active"


@pytest.mark.parametrize("verb", [*VERBS, lambda instance, actor, _name: instance.plugins.list(actor)])
async def test_only_who_manages_plugins_sees_or_changes_them(installed: Instance, verb: Verb) -> None:
    with pytest.raises(PermissionDenied) as refusal:
        await verb(installed, make_actor(permissions=["customers.read", "users.manage"]), "acme.test")

    assert refusal.value.place == "plugins.manage"
    assert await installed.state() == "active"
