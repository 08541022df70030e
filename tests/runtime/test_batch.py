from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import Error
from rising_bsm.runtime import Business, CallLog, Host, HostServices, RuntimeLimits
from rising_bsm.runtime.events.emitter import Emitter
from rising_bsm.runtime.events.outbox import Outbox
from rising_bsm.runtime.host import DEPTH
from rising_bsm.runtime.storage import Storage
from support.people import make_actor, make_customer
from support.runtime import PLUGIN, Instance

pytestmark = pytest.mark.anyio


def make_host(instance: Instance, *, grants: Any = (), most_calls: int = 1_000) -> Host:
    business = Business.on(instance.database, instance.hooks)
    events = Emitter(instance.database, Outbox(), PLUGIN)
    settings, problems = instance.runtime.settings_of(PLUGIN, ()), instance.runtime.problems_of(PLUGIN)
    storage, log = Storage(instance.database, PLUGIN), CallLog(RuntimeLimits())
    services = HostServices(business, storage, log, events, settings, problems)
    return Host(PLUGIN, grants, make_actor(), services, most_calls=most_calls)


async def ask(host: Host, *calls: tuple[str, dict[str, Any]]) -> Any:
    return await host("batch", {"calls": [{"name": name, "arguments": arguments} for name, arguments in calls]})


async def test_each_call_is_answered_by_itself_in_its_order(instance: Instance) -> None:
    host = make_host(instance)

    answers = await ask(
        host,
        ("storage.set", {"key": "k", "value": 1}),
        ("storage.get", {"key": ""}),
        ("storage.increment", {"key": "k"}),
        ("customers.count", {}),
    )

    assert [next(iter(answer)) for answer in answers] == ["ok", "error", "ok", "error"]
    assert answers[2] == {"ok": 2}
    assert (answers[1]["error"]["code"], answers[1]["error"]["place"]) == ("host.invalid", "key")
    assert (answers[3]["error"]["code"], answers[3]["error"]["place"]) == ("permission.denied", "customers.read")


async def test_what_is_in_a_batch_counts_as_if_it_were_not(instance: Instance) -> None:
    host = make_host(instance, most_calls=4)

    answers = await ask(host, *[("storage.set", {"key": "k", "value": 1})] * 5)

    assert [answer.get("error", {}).get("code") for answer in answers] == [None] * 3 + ["host.too_often"] * 2
    assert host.cost == 1 + 5 * 5
    with pytest.raises(Error) as caught:
        await host("storage.get", {"key": "k"})
    assert caught.value.code == "host.too_often"


async def test_a_batch_in_a_batch_is_refused_before_anything_is_done(instance: Instance) -> None:
    host = make_host(instance)

    with pytest.raises(Error) as caught:
        await ask(host, ("storage.set", {"key": "k", "value": 1}), ("batch", {"calls": []}))

    assert (caught.value.code, caught.value.place) == ("host.invalid", "calls.1.name")
    assert await host("storage.count", {}) == 0


async def test_answers_that_are_too_long_together_are_left_out(instance: Instance) -> None:
    host = make_host(instance)
    await host("storage.set", {"key": "k", "value": "x" * 60_000})

    answers = await ask(host, *[("storage.get", {"key": "k"})] * 20)

    codes = [answer.get("error", {}).get("code") for answer in answers]
    assert codes == [None] * 16 + ["host.batch_too_large"] * 4


async def test_hooks_of_what_a_batch_writes_are_as_deep_as_those_of_a_single_call(instance: Instance) -> None:
    seen = []

    async def note(_draft: Any, _current: Any, _actor: Any) -> None:
        seen.append(DEPTH.get())

    instance.hooks.before("customers.update", note)
    customer = await make_customer(instance.database)
    host = make_host(instance, grants={"customers.update"})
    change = {"id": str(customer.id), "changes": {"city": "Bonn"}}

    await host("customers.update", change)
    await ask(host, ("customers.update", change | {"changes": {"city": "Trier"}}))

    assert seen == [1, 1]
    assert (await instance.customers.get(SYSTEM, customer.id)).city == "Trier"
