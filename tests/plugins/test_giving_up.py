import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.errors import Failed, InvalidInput
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.sandbox import PluginRaised, Pool
from support.people import make_customer
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio

PLUGIN = """
@route("GET", "/")
def answer(self, ctx, request):
    return "here"

@before("customers.create")
def look(self, ctx, draft):
    raise ValueError("no")
"""
ID = "acme.test"


async def install(instance: Instance, pool: Pool) -> None:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, PLUGIN))


async def test_a_plugin_that_is_given_up_is_off_and_says_why(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)

    await instance.runtime.accounting.give_up(ID, Failed("It kept failing.", code="plugin.given_up"))

    shown = (await instance.plugins.get(SYSTEM, ID)).as_dict()
    assert (shown["state"], shown["problem"]) == (
        "inactive",
        {"code": "plugin.given_up", "message": "It kept failing."},
    )
    assert ID not in instance.runtime.attached
    newest = (await ActivityLog(instance.database).list(SYSTEM)).items[0]
    assert (newest.action, newest.user_name) == ("plugins.give_up", "system")

    assert (await instance.plugins.activate(SYSTEM, ID)).problem is None
    assert await instance.ask() == "here"


async def test_what_was_chosen_stays_when_it_is_switched_off_and_on(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    safety = PluginSafety(instance.database, instance.runtime, instance.plugins)
    await safety.choose_hooks(SYSTEM, ID, {"customers.create": "open"})
    await safety.choose_breaker(SYSTEM, ID, {"mode": "off"})

    await instance.plugins.deactivate(SYSTEM, ID)
    await instance.plugins.activate(SYSTEM, ID)

    assert await safety.state(SYSTEM, ID) == {"breaker": "off", "hooks": {"customers.create": "open"}, "entries": []}
    for number in range(8):
        await make_customer(instance.database, hooks=instance.hooks, email=f"c{number}@example.com")


@pytest.mark.parametrize("data", [[], {"customers.create": "ajar"}, {"customers.create": None}, {"": "open"}])
async def test_a_choice_that_is_none_changes_nothing(instance: Instance, pool: Pool, data: object) -> None:
    await install(instance, pool)
    safety = PluginSafety(instance.database, instance.runtime, instance.plugins)
    with pytest.raises(InvalidInput) as caught:
        await safety.choose_hooks(SYSTEM, ID, data)
    assert caught.value.code == "plugins.invalid_choice"
    assert (await safety.state(SYSTEM, ID))["hooks"] == {"customers.create": "closed"}


async def test_an_installation_that_fails_leaves_no_record_of_its_calls(instance: Instance, pool: Pool) -> None:
    failing = "def on_install(self, ctx):\n    raise ValueError('no')"
    with pytest.raises(PluginRaised):
        await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, failing))
    await instance.runtime.accounting.tick()

    assert await instance.remains() == []


async def test_records_go_with_their_plugin(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    for _ in range(2):
        await instance.ask()
        await instance.runtime.accounting.recorder.flush()
    await instance.ask()
    assert "plugin_executions" in await instance.remains()

    await instance.plugins.uninstall(SYSTEM, ID)
    await instance.runtime.accounting.tick()

    assert await instance.remains() == []
