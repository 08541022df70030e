import pytest
from sqlalchemy import update

from rising_bsm.accounts import SYSTEM, ActivityLog
from rising_bsm.errors import NotFound
from rising_bsm.runtime.events.deliveries import Deliveries
from rising_bsm.runtime.events.tables import DEAD, Delivery
from support.events import Instance, until
from support.people import make_customer
from support.runtime import PLUGIN

pytestmark = pytest.mark.anyio

HANDLES = """
@after("customers.create")
def handle(self, ctx, event):
    ctx.storage.set(event.id, ctx.storage.increment("seen"))
"""


async def make_dead(instance: Instance, count: int) -> list[Delivery]:
    for _ in range(count):
        await make_customer(instance.database, hooks=instance.hooks)
    async with instance.database.transaction() as session:
        await session.execute(update(Delivery).values(status=DEAD, attempts=8))
    return await instance.deliveries()


async def test_what_is_dead_waits_until_somebody_has_it_tried_again(instance: Instance) -> None:
    await instance.attach(HANDLES, grants={"customers.read"})
    dead, other = await make_dead(instance, 2)
    deliveries = Deliveries(instance.database, instance.runtime.outbox)

    async with instance.delivering():
        await deliveries.retry(SYSTEM, PLUGIN, dead.id)

        async def one_is_left() -> bool:
            return [each.id for each in await instance.deliveries()] == [other.id]

        await until(one_is_left)
        assert [await instance.stored(str(each.event_id)) for each in (dead, other)] == [1, None]
        assert await deliveries.retry_all(SYSTEM, PLUGIN) == 1
        await instance.all_delivered()
        assert await deliveries.retry_all(SYSTEM, PLUGIN) == 0

    newest = (await ActivityLog(instance.database).list(SYSTEM)).items[0]
    assert (newest.action, newest.entity_id, newest.detail) == ("plugins.retry_deliveries", PLUGIN, {"count": 1})


async def test_of_another_plugin_there_is_nothing(instance: Instance) -> None:
    await instance.attach(HANDLES, grants={"customers.read"})
    (dead,) = await make_dead(instance, 1)
    deliveries = Deliveries(instance.database, instance.runtime.outbox)

    for attempt in (deliveries.retry, deliveries.drop):
        with pytest.raises(NotFound):
            await attempt(SYSTEM, "acme.other", dead.id)
    assert await deliveries.retry_all(SYSTEM, "acme.other") == 0
    assert await deliveries.list(SYSTEM, "acme.other") == []
    assert [each.status for each in await deliveries.list(SYSTEM, PLUGIN)] == [DEAD]


async def test_they_are_listed_page_by_page(instance: Instance) -> None:
    await instance.attach(HANDLES, grants={"customers.read"})
    dead = await make_dead(instance, 5)
    deliveries = Deliveries(instance.database, instance.runtime.outbox)

    first = await deliveries.list(SYSTEM, PLUGIN, limit=3)
    second = await deliveries.list(SYSTEM, PLUGIN, limit=3, after=first[-1].id)

    assert [each.id for each in (*first, *second)] == [each.id for each in dead]
    assert await deliveries.list(SYSTEM, PLUGIN, status="waiting") == []
