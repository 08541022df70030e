"""Events reach the handlers of plugins, after the deed and apart from it."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from rising_bsm.accounts import PERMISSIONS, SYSTEM, ActivityLog
from rising_bsm.errors import InvalidInput
from rising_bsm.hooks import Event
from rising_bsm.runtime import erase
from rising_bsm.runtime.events.tables import DEAD
from support.events import Instance, until
from support.people import make_actor, make_customer
from support.runtime import PLUGIN, make_plugin

pytestmark = pytest.mark.anyio

DRAFT = {"name": "Ada", "email": "ada@x.example"}
READS = {"customers.read"}
KEEPS = """
@after("customers.create")
@after("customers.update")
@after("customers.delete")
def keep(self, ctx, event):
    told = {name: getattr(event, name) for name in event.__dataclass_fields__}
    ctx.storage.set(f"{ctx.storage.increment('seen')}", told)
"""
FAILS = """
@after("customers.create")
def fail(self, ctx, event):
    ctx.storage.set(f"{ctx.storage.increment('attempts')}", event.id)
    if not ctx.storage.get("works"):
        raise ValueError("boom")
"""


async def test_a_handler_is_told_what_was_done_by_whom(instance: Instance) -> None:
    await instance.attach(KEEPS, grants=READS)
    actor = make_actor(name="Grace")

    async with instance.delivering():
        created = await instance.customers.create(actor, DRAFT)
        first = created.as_dict()
        second = (await instance.customers.update(actor, created.id, {"city": "York"})).as_dict()
        await instance.customers.delete(actor, created.id)
        await instance.all_delivered()

    told = [await instance.stored(str(number)) for number in (1, 2, 3)]
    assert [(event["name"], event["before"], event["after"]) for event in told] == [
        ("customers.create", None, first),
        ("customers.update", first, second),
        ("customers.delete", second, None),
    ]
    for event in told:
        assert (event["user"], event["plugin"], event["depth"]) == ("Grace", None, 0)
        assert (event["entity_id"], event["payload"]) == (first["id"], None)
    assert len({event["id"] for event in told}) == 3


async def test_what_is_not_done_is_not_told(instance: Instance) -> None:
    await instance.attach(KEEPS, grants=READS)

    async def undo(_session: Any, _event: Event) -> None:
        raise InvalidInput("no")

    instance.hooks.after(undo)
    with pytest.raises(InvalidInput):
        await instance.customers.create(SYSTEM, DRAFT)

    assert await instance.deliveries() == []
    assert await instance.emails() == []


async def test_nobody_listens_and_nothing_is_written_down(instance: Instance) -> None:
    await instance.attach(KEEPS.replace('@after("customers.create")', ""), grants=READS)
    created = await instance.customers.create(SYSTEM, DRAFT)
    instance.runtime.detach(PLUGIN)
    await instance.customers.delete(SYSTEM, created.id)

    assert await instance.deliveries() == []


async def test_who_was_not_granted_to_read_is_told_nothing(instance: Instance) -> None:
    await instance.attach(KEEPS, grants={"customers.create"}, id="acme.blind")
    seeing = await instance.attach(KEEPS, grants=READS)

    created = await instance.customers.create(SYSTEM, DRAFT)
    assert [delivery.plugin_id for delivery in await instance.deliveries()] == [PLUGIN]

    # The grant is taken back while an event is on its way.
    instance.runtime.attach(replace(seeing, grants=frozenset()))
    async with instance.delivering():
        await until(partial(_is_dead, instance))
    assert await instance.stored("seen") is None
    assert (await instance.customers.get(SYSTEM, created.id)).name == "Ada"


async def test_a_handler_acts_as_the_plugin_and_the_record_names_both(instance: Instance) -> None:
    await instance.attach(
        """
    @after("customers.create")
    def act(self, ctx, event):
        ctx.customers.update(event.entity_id, city="York")
        try:
            ctx.customers.delete(event.entity_id)
        except NotPermitted as error:
            ctx.storage.set("refused", error.place)
    """,
        grants={"customers.read", "customers.update"},
    )
    # Somebody who may not update, but the plugin may.
    actor = make_actor(name="Grace", permissions={"customers.create"})

    async with instance.delivering():
        created = await instance.customers.create(actor, DRAFT)
        await instance.all_delivered()

    assert (await instance.customers.get(SYSTEM, created.id)).city == "York"
    assert await instance.stored("refused") == "customers.delete"
    newest = (await ActivityLog(instance.database).list(SYSTEM)).items[0]
    assert (newest.action, newest.user_id, newest.user_name, newest.plugin) == (
        "customers.update",
        None,
        "Grace",
        PLUGIN,
    )


async def test_what_failed_is_tried_again_with_the_same_id_until_it_is_dead(instance: Instance) -> None:
    # Its breaker would have it pause in between.
    plugin = await make_plugin(instance.pool, FAILS, grants=READS)
    instance.runtime.attach(replace(plugin, breaker="off"))
    await instance.customers.create(SYSTEM, DRAFT)
    (waiting,) = await instance.deliveries()

    async with instance.delivering():
        await until(partial(_is_dead_when_hurried, instance))
        ids = {await instance.stored(str(number)) for number in range(1, 9)}

    (dead,) = await instance.deliveries()
    assert ids == {str(waiting.event_id)}
    assert (dead.status, dead.attempts) == (DEAD, 8)
    assert dead.last_error is not None
    assert dead.last_error["code"] == "plugin.raised"
    assert "acme.test failed after customers.create: The plugin raised ValueError: boom" in dead.last_error["message"]


async def test_what_waits_for_a_plugin_that_is_switched_off_is_delivered_when_it_is_on_again(
    instance: Instance,
) -> None:
    plugin = await instance.attach(KEEPS, grants=READS)
    await instance.customers.create(SYSTEM, DRAFT)
    instance.runtime.detach(PLUGIN)

    async with instance.delivering():
        await instance.attach(KEEPS, grants=READS, id="acme.other")
        await make_customer(instance.database, hooks=instance.hooks)
        await until(partial(_waits_alone, instance))
        assert await instance.stored("seen", "acme.other") == 1
        instance.runtime.attach(plugin)
        await instance.all_delivered()

    assert (await instance.stored("1"))["after"]["name"] == "Ada"


async def test_a_handler_that_the_new_version_lacks_leaves_a_dead_letter(instance: Instance) -> None:
    await instance.attach(FAILS, grants=READS)
    await instance.customers.create(SYSTEM, DRAFT)
    await instance.attach("", grants=READS, version="2.0.0")

    async with instance.delivering():
        await until(partial(_is_dead, instance))

    (dead,) = await instance.deliveries()
    assert dead.last_error is not None
    assert (dead.attempts, dead.last_error["code"]) == (1, "events.not_listening")


async def test_nothing_of_a_plugin_that_is_erased_is_on_its_way(instance: Instance) -> None:
    await instance.attach(KEEPS, grants=READS)
    await instance.attach(KEEPS, grants=READS, id="acme.other")
    await instance.customers.create(SYSTEM, DRAFT)

    async with instance.database.transaction() as session:
        await erase(session, PLUGIN)

    assert [delivery.plugin_id for delivery in await instance.deliveries()] == ["acme.other"]


async def test_events_of_a_plugin_come_in_the_order_in_which_they_happened(instance: Instance) -> None:
    await instance.attach(
        """
    @after("customers.create")
    def keep(self, ctx, event):
        ctx.storage.set("names", [*ctx.storage.get("names", []), event.after["name"]])
    """,
        grants=READS,
    )
    names = [f"Customer {number}" for number in range(25)]

    async with instance.delivering():
        for name in names:
            await make_customer(instance.database, hooks=instance.hooks, name=name)
        await instance.all_delivered()

    assert await instance.stored("names") == names


EMITS = """
@route("GET", "/")
def tell(self, ctx, request):
    return ctx.events.emit("level_reached", {"level": 3})
"""
HEARS = """
@after("acme.loyalty:level_reached")
def hear(self, ctx, event):
    ctx.storage.set("heard", [event.id, event.name, event.payload, event.plugin, event.user, event.entity_id])
"""


async def test_plugins_tell_each_other_what_has_happened(instance: Instance) -> None:
    await instance.attach(EMITS, id="acme.loyalty")
    await instance.attach(HEARS, id="acme.listens")
    await instance.attach(HEARS.replace("loyalty", "other"), id="acme.elsewhere")

    async with instance.delivering():
        event_id = (await instance.get(plugin="acme.loyalty", actor=make_actor(name="Grace"))).body
        await instance.all_delivered()

    heard = await instance.stored("heard", "acme.listens")
    assert heard == [event_id, "acme.loyalty:level_reached", {"level": 3}, "acme.loyalty", "Grace", None]
    assert await instance.stored("heard", "acme.elsewhere") is None


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        ("acme.other:level_reached", None, "host.invalid"),
        ("../x", None, "host.invalid"),
        ("customers.create", None, "host.invalid"),
        ("", None, "host.invalid"),
        ("level_reached", "x" * 16_384, "events.too_large"),
    ],
)
async def test_an_event_is_told_under_the_plugins_own_name_and_is_small(
    instance: Instance, topic: str, payload: Any, code: str
) -> None:
    await instance.attach(HEARS, id="acme.listens")
    await instance.attach(
        f"""
    @route("GET", "/")
    def tell(self, ctx, request):
        try:
            ctx.events.emit({topic!r}, {payload!r})
        except HostError as error:
            return error.code
    """,
        id="acme.evil",
    )

    assert (await instance.get(plugin="acme.evil")).body == code
    assert await instance.deliveries() == []


async def test_a_plugin_that_sets_itself_off_is_stopped_at_the_eighth_event(instance: Instance) -> None:
    await instance.attach(
        """
    @after("customers.create")
    def again(self, ctx, event):
        ctx.storage.set(f"depth {event.depth}", event.plugin)
        number = int(event.after["name"]) + 1
        ctx.customers.create(name=str(number), email=f"{number}@x.example")
    """,
        grants=PERMISSIONS,
    )

    async with instance.delivering():
        await instance.customers.create(SYSTEM, {"name": "0", "email": "0@x.example"})
        await until(partial(_is_dead, instance))

    (dead,) = await instance.deliveries()
    assert dead.last_error is not None
    assert (dead.depth, dead.attempts, dead.last_error["code"]) == (8, 1, "events.too_deep")
    assert sorted(await instance.emails()) == [f"{number}@x.example" for number in range(9)]
    assert await instance.stored("depth 0") is None
    assert await instance.stored("depth 8") == PLUGIN


async def test_so_are_two_that_set_each_other_off_with_events_of_their_own(instance: Instance) -> None:
    for me, other in (("one", "two"), ("two", "one")):
        await instance.attach(
            f"""
        @route("GET", "/")
        def begin(self, ctx, request):
            ctx.events.emit("ping")
        @after("acme.{other}:ping")
        def answer(self, ctx, event):
            ctx.storage.increment("heard")
            ctx.events.emit("ping")
        """,
            id=f"acme.{me}",
        )

    async with instance.delivering():
        await instance.get(plugin="acme.one")
        await until(partial(_is_dead, instance))

    assert await instance.stored("heard", "acme.two") == 5
    assert await instance.stored("heard", "acme.one") == 4


async def test_what_a_handler_does_runs_the_hooks_of_others(instance: Instance) -> None:
    await instance.attach(
        """
    @after("customers.create")
    def change(self, ctx, event):
        ctx.customers.update(event.entity_id, city="York")
    """,
        grants=PERMISSIONS,
    )
    await instance.attach(
        """
    @before("customers.update")
    def enrich(self, ctx, draft):
        return draft | {"country": "GB"}
    """,
        id="acme.other",
    )

    async with instance.delivering():
        created = await instance.customers.create(SYSTEM, DRAFT)
        await instance.all_delivered()

    assert (await instance.customers.get(SYSTEM, created.id)).country == "GB"


async def _is_dead(instance: Instance) -> bool:
    return [delivery.status for delivery in await instance.deliveries()] == [DEAD]


async def _is_dead_when_hurried(instance: Instance) -> bool:
    await instance.hurry()
    return await _is_dead(instance)


async def _waits_alone(instance: Instance) -> bool:
    return [(each.plugin_id, each.attempts) for each in await instance.deliveries()] == [(PLUGIN, 0)]
