import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.customers import Customer
from rising_bsm.errors import Error, Failed, InvalidInput, PermissionDenied
from rising_bsm.runtime import RuntimeLimits, erase
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import DeadlineExceeded, Limits, PluginRaised, PluginRefused, Pool
from support.people import make_actor, make_customer
from support.runtime import PLUGIN, Instance, make_plugin, open_instance

pytestmark = pytest.mark.anyio

DRAFT = {"name": "Ada", "email": "ada@x.example"}
ENRICH = """
@before("customers.create")
def check(self, ctx, draft):
    if not draft["phone"]:
        raise Refuse("A phone number is required", field="phone")
    return draft | {"status": "lead", "tags": [*draft["tags"], ctx.plugin.id]}
"""


def tagging(tag: str, hook: str = "customers.create", order: int = 100) -> str:
    return f"""
    @before("{hook}", order={order})
    def tag_{tag}(self, ctx, draft):
        return draft | {{"tags": [*draft["tags"], "{tag}"]}}
    """


async def test_a_hook_refuses_with_the_field_and_enriches_what_is_good(instance: Instance) -> None:
    await instance.attach(ENRICH)

    with pytest.raises(PluginRefused) as refusal:
        await instance.customers.create(SYSTEM, DRAFT)
    created = await instance.customers.create(SYSTEM, DRAFT | {"phone": "1", "tags": ["vip"]})

    assert refusal.value.fields == {"phone": "A phone number is required"}
    assert (refusal.value.message, refusal.value.place) == ("A phone number is required", "phone")
    assert (created.status, created.tags) == ("lead", ["vip", PLUGIN])
    assert await instance.emails() == ["ada@x.example"]


async def test_a_hook_that_returns_nothing_leaves_the_draft(instance: Instance) -> None:
    await instance.attach("""
    @before("customers.create")
    async def look(self, ctx, draft):
        draft["name"] = "changed in vain"
    """)

    assert (await instance.customers.create(SYSTEM, DRAFT)).name == "Ada"


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        ('raise ValueError("boom")', PluginRaised, "The plugin raised ValueError: boom"),
        ("return self.check(ctx, draft)", Failed, "called itself too deeply"),
        ("[].pop()", PluginRaised, "IndexError"),
        ("while True: time.sleep(1)", DeadlineExceeded, "longer than"),
        ("ctx.customers.count()", PluginRaised, "The plugin acme.test, acting for system, may not do this"),
    ],
)
async def test_a_hook_that_fails_lets_nothing_be_written(
    instance: Instance, body: str, error: type[Error], says: str
) -> None:
    customer = await make_customer(instance.database, email="here@x.example")
    await instance.attach(f"""
    @before("customers.create")
    @before("customers.update")
    @before("customers.delete")
    def check(self, ctx, draft):
        {body}
    """)

    for hook, attempt in (
        ("create", instance.customers.create(SYSTEM, DRAFT)),
        ("update", instance.customers.update(SYSTEM, customer.id, {"name": "Eve"})),
        ("delete", instance.customers.delete(SYSTEM, customer.id)),
    ):
        with pytest.raises(error) as failure:
            await attempt
        assert failure.value.message.startswith(f"acme.test failed before customers.{hook}: ")
        assert says in failure.value.message
        assert failure.value.place
    assert [each.as_dict() for each in (await instance.customers.list(SYSTEM)).items] == [customer.as_dict()]


async def test_the_authors_file_and_line_are_named(instance: Instance) -> None:
    await instance.attach("""
    @before("customers.create")
    def check(self, ctx, draft):
        raise ValueError
    """)

    with pytest.raises(PluginRaised) as failure:
        await instance.customers.create(SYSTEM, DRAFT)
    assert failure.value.place == "test_plugin.py:8"


async def test_hooks_run_in_their_order_and_then_by_the_names_of_the_plugins(instance: Instance) -> None:
    for name, order in (("zeta", 100), ("alpha", 100), ("last", 101), ("first", 0)):
        await instance.attach(tagging(name, order=order), id=f"acme.{name}")
    await instance.attach(tagging("one", order=1) + tagging("two", order=500), id="acme.both")

    created = await instance.customers.create(SYSTEM, DRAFT)

    assert created.tags == ["first", "one", "alpha", "zeta", "last", "two"]


async def test_a_hook_may_take_what_is_stored_beside_the_draft(instance: Instance) -> None:
    customer = await make_customer(instance.database, city="York")
    await instance.attach("""
    @before("customers.create")
    @before("customers.update")
    def look(self, ctx, draft, current):
        return draft | {"notes": f"{current['id']} {current['city']}" if current else "new"}
    @before("customers.delete")
    def keep(self, ctx, draft, current):
        if draft == current:
            raise Refuse(current["id"])
    """)

    created = await instance.customers.create(SYSTEM, DRAFT)
    changed = await instance.customers.update(SYSTEM, customer.id, {"city": "Bath"})

    assert (created.notes, changed.notes) == ("new", f"{customer.id} York")
    with pytest.raises(PluginRefused, match=str(customer.id)):
        await instance.customers.delete(SYSTEM, customer.id)


BREAKS = """
@before("customers.create")
def check(self, ctx, draft):
    if draft["name"] == "Refused":
        raise Refuse("No")
    raise ValueError("boom")
"""


async def test_an_open_hook_that_fails_lets_pass_what_it_does_not_refuse(instance: Instance) -> None:
    plugin = await make_plugin(instance.pool, BREAKS)
    instance.runtime.attach(replace(plugin, open_hooks=frozenset({"customers.update"})))
    with pytest.raises(PluginRaised):
        await instance.customers.create(SYSTEM, DRAFT)

    instance.runtime.attach(replace(plugin, open_hooks=frozenset({"customers.create"})))
    assert (await instance.customers.create(SYSTEM, DRAFT)).name == "Ada"
    with pytest.raises(PluginRefused):
        await instance.customers.create(SYSTEM, {"name": "Refused", "email": "b@x.example"})

    assert [line.message for line in await instance.runtime.log_of(PLUGIN)] == [
        "acme.test failed before customers.create: The plugin raised ValueError: boom"
    ] * 2


async def test_a_run_that_has_begun_is_not_let_past_a_plugin_whose_order_changes_meanwhile(instance: Instance) -> None:
    versions = [
        await make_plugin(instance.pool, ENRICH.replace('create")', f'create", order={order})')) for order in (200, 0)
    ]
    instance.runtime.attach(versions[0])

    async def replaces(_draft: Any, _current: Any, _actor: Any) -> None:
        instance.runtime.attach(versions[1])

    instance.hooks.before("customers.create", replaces)

    with pytest.raises(PluginRefused):
        await instance.customers.create(SYSTEM, DRAFT)


async def test_hooks_of_one_plugin_run_in_the_order_that_it_declares(instance: Instance) -> None:
    plugin = await make_plugin(instance.pool, tagging("a") + tagging("b"))
    backwards = plugin.exports.model_copy(update={"before": plugin.exports.before[::-1]})
    instance.runtime.attach(replace(plugin, exports=backwards))

    assert (await instance.customers.create(SYSTEM, DRAFT)).tags == ["b", "a"]


async def test_a_plugin_that_is_replaced_keeps_its_place_and_its_old_hooks_are_gone(instance: Instance) -> None:
    await instance.attach(tagging("one") + tagging("gone", "customers.update"), id="acme.a")
    await instance.attach(tagging("two"), id="acme.b")

    await instance.attach(tagging("new"), id="acme.a", version="2.0.0")
    created = await instance.customers.create(SYSTEM, DRAFT)
    updated = await instance.customers.update(SYSTEM, created.id, {"name": "Eve"})

    assert created.tags == updated.tags == ["new", "two"]


async def test_a_plugin_that_is_detached_is_not_asked(instance: Instance) -> None:
    await instance.attach(tagging("a"))
    instance.runtime.detach(PLUGIN)
    instance.runtime.detach(PLUGIN)

    assert (await instance.customers.create(SYSTEM, DRAFT)).tags == []
    with pytest.raises(Error, match=r"No plugin acme\.test is active here\."):
        await instance.get()


async def test_while_a_plugin_is_replaced_no_write_gets_past_it(instance: Instance) -> None:
    versions = [await make_plugin(instance.pool, ENRICH, version=f"1.{number}.0") for number in range(2)]
    instance.runtime.attach(versions[0])

    async def replace_it() -> None:
        for number in range(40):
            instance.runtime.attach(versions[number % 2])
            await asyncio.sleep(0)

    attempts = [instance.customers.create(SYSTEM, DRAFT | {"email": f"{n}@x.example"}) for n in range(20)]
    outcomes = await asyncio.gather(replace_it(), *attempts, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes[1:]} == {PluginRefused}
    assert await instance.emails() == []


async def test_a_hook_before_deleting_sees_the_customer_and_cannot_change_anything(instance: Instance) -> None:
    customer = await make_customer(instance.database, email="here@x.example")
    await instance.attach("""
    @before("customers.delete")
    def check(self, ctx, draft):
        ctx.storage.set("seen", draft)
        return {"anything": 1}
    @route("GET", "/")
    def seen(self, ctx, request):
        return ctx.storage.get("seen")
    """)

    await instance.customers.delete(SYSTEM, customer.id)

    assert (await instance.get()).body == customer.as_dict()
    assert await instance.emails() == []


async def test_a_hook_acts_for_the_user_who_writes(instance: Instance) -> None:
    await instance.attach(
        """
    @before("customers.create")
    def check(self, ctx, draft):
        return draft | {"notes": str(ctx.customers.count())}
    """,
        grants={"customers.read"},
    )
    may_read = make_actor(permissions={"customers.create", "customers.read"})
    may_not = make_actor(permissions={"customers.create"})

    assert (await instance.customers.create(may_read, DRAFT)).notes == "0"
    with pytest.raises(PluginRaised):
        await instance.customers.create(may_not, DRAFT | {"email": "b@x.example"})
    with pytest.raises(PermissionDenied):
        await instance.customers.create(make_actor(permissions=()), DRAFT)


WAITING = """
@before("customers.create")
def check(self, ctx, draft):
    ctx.storage.set("started", True)
    while not ctx.storage.get("go on"):
        time.sleep(0.01)
"""
PATIENT = RuntimeLimits(before=Limits(wall_seconds=30.0))


@asynccontextmanager
async def waiting_hook(pool: Pool) -> AsyncIterator[tuple[Instance, Storage, asyncio.Task[Customer]]]:
    """An instance in which a customer is being created and a hook of `PLUGIN` runs until it is told to go on."""
    async with open_instance(pool, limits=PATIENT) as instance:
        await instance.attach(WAITING)
        storage = Storage(instance.database, PLUGIN)
        creating = asyncio.create_task(instance.customers.create(SYSTEM, DRAFT))
        while not (await storage.get("started"))["found"]:
            assert not creating.done()
        yield instance, storage, creating


async def test_the_database_is_free_while_a_hook_runs(pool: Pool) -> None:
    async with waiting_hook(pool) as (instance, storage, creating):
        await make_customer(instance.database, email="other@x.example")
        assert not creating.done()
        await storage.set("go on", True)
        await creating
        assert await instance.emails() == ["ada@x.example", "other@x.example"]


async def test_who_goes_away_ends_the_hook_and_nothing_is_written(pool: Pool) -> None:
    async with waiting_hook(pool) as (instance, _storage, creating):
        creating.cancel()

        with pytest.raises(asyncio.CancelledError):
            await creating
        await asyncio.wait_for(instance.runtime.forget(PLUGIN), 5)
        assert await instance.emails() == []


async def test_what_is_forgotten_has_stopped_writing(pool: Pool) -> None:
    async with waiting_hook(pool) as (instance, storage, creating):
        forgetting = asyncio.create_task(instance.runtime.forget(PLUGIN))
        await make_customer(instance.database)
        assert not forgetting.done()

        await storage.set("go on", True)
        await forgetting

        async with instance.database.transaction() as session:
            await erase(session, PLUGIN)
        await creating
        assert await storage.count("") == 0


async def test_code_is_loaded_on_first_use_once_and_again_when_that_failed(instance: Instance) -> None:
    plugin, asked = await make_plugin(instance.pool, tagging("a")), list[str]()

    async def code() -> Any:
        asked.append("code")
        if len(asked) == 1:
            raise InvalidInput("The bundle is gone.", code="bundle.lost")
        await asyncio.sleep(0)
        return await plugin.code()

    instance.runtime.attach(replace(plugin, code=code))
    assert asked == []

    with pytest.raises(Failed) as failure:
        await instance.customers.create(SYSTEM, DRAFT)
    assert failure.value.message == "acme.test failed before customers.create: The bundle is gone."
    assert failure.value.code == "bundle.lost"
    assert await instance.emails() == []
    drafts = [DRAFT | {"email": f"{number}@x.example"} for number in range(4)]
    await asyncio.gather(*(instance.customers.create(SYSTEM, draft) for draft in drafts))
    assert asked == ["code", "code"]
