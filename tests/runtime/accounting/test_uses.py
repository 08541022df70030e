"""What plugins make use of: counted where it is decided that they may."""

from datetime import timedelta

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import Database, now, stopped_clock
from rising_bsm.errors import Error
from rising_bsm.runtime.accounting.uses import KEPT_DAYS, Uses
from rising_bsm.runtime.egress.meter import EGRESS_BYTES
from support.accounting import PLUGIN
from support.runtime import Instance

pytestmark = pytest.mark.anyio


async def amounts(uses: Uses, plugin_id: str = PLUGIN, days: int = 30) -> dict[str, int]:
    await uses.flush()
    return {what: use.amount for what, use in (await uses.of(plugin_id, days)).items()}


async def test_what_is_noted_is_summed_up_also_over_several_writes(database: Database) -> None:
    uses = Uses(database)
    uses.note(PLUGIN, "customers.read")
    uses.note(PLUGIN, "customers.read", 2)
    uses.note(PLUGIN, EGRESS_BYTES, 500)
    uses.note("acme.other", "customers.read")
    assert await amounts(uses) == {"customers.read": 3, EGRESS_BYTES: 500}

    uses.note(PLUGIN, "customers.read")
    assert await amounts(uses) == {"customers.read": 4, EGRESS_BYTES: 500}
    assert (await uses.of(PLUGIN))["customers.read"].last == now().date()


async def test_what_was_used_long_ago_does_not_count_and_goes(database: Database) -> None:
    uses, today = Uses(database), now()
    for days in (0, 29, 30, KEPT_DAYS, KEPT_DAYS + 1):
        with stopped_clock(today - timedelta(days=days)):
            uses.note(PLUGIN, "customers.read")
    assert await amounts(uses) == {"customers.read": 2}
    assert [amount for _, amount in await uses.by_day(PLUGIN, "customers.read", days=3)] == [0, 0, 1]

    await uses.prune()
    assert await amounts(uses, days=1_000) == {"customers.read": 4}


async def test_of_a_plugin_that_is_no_more_nothing_is_written(database: Database) -> None:
    uses = Uses(database)
    uses.note(PLUGIN, "customers.read")
    await uses.forget(PLUGIN)
    assert await amounts(uses) == {}


async def test_a_call_makes_use_of_exactly_what_it_asks_for(instance: Instance) -> None:
    await instance.attach(
        """
        @route("GET", "/")
        def look(self, ctx, request):
            ctx.storage.set("a", 1)
            return [ctx.customers.count(), ctx.customers.count()]

        @route("GET", "/forbidden")
        def forbidden(self, ctx, request):
            return ctx.appointments.count()
        """,
        grants={"customers.read", "requests.read"},
    )
    await instance.get()
    with pytest.raises(Error, match="appointments"):
        await instance.get("/forbidden")

    assert await amounts(instance.runtime.accounting.uses) == {"customers.read": 2}


async def test_to_be_shown_what_is_written_is_a_use_of_the_right_to_read_it(instance: Instance) -> None:
    await instance.attach(
        """
        @before("customers.create")
        def look(self, ctx, draft):
            return None
        """,
        grants={"customers.read"},
    )
    await instance.customers.create(SYSTEM, {"name": "Bakery", "email": "bakery@example.com"})
    assert await amounts(instance.runtime.accounting.uses) == {"customers.read": 1}
