import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest

from rising_bsm.accounts import PERMISSIONS, SYSTEM
from rising_bsm.errors import Error, Failed
from rising_bsm.runtime import PluginsTooDeep, RuntimeLimits, compile_bundle
from rising_bsm.sandbox import Limits, Pool
from support.runtime import Instance, make_opened_bundle, make_plugin, open_instance

pytestmark = pytest.mark.anyio

CREATES = """
@before("customers.create")
def again(self, ctx, draft):
    ctx.customers.create(name="Again", email=f"{draft['email'].split('@')[0]}x@x.example")
"""
CATCHES = """
@before("customers.create")
def again(self, ctx, draft):
    try:
        ctx.customers.create(name="Again", email=f"{draft['email'].split('@')[0]}x@x.example")
    except BaseException:
        pass
"""
NESTS = """
@route("GET", "/{number}")
def run(self, ctx, request):
    return ctx.customers.create(name="Nested", email=f"{request.params['number']}@x.example")["tags"]
"""
TAGS = """
@before("customers.create")
def tag(self, ctx, draft):
    ctx.storage.increment("asked")
    return draft | {"tags": ["tagged"]}
"""


@pytest.fixture
async def instance(pool: Pool) -> AsyncIterator[Instance]:
    # Other workers are started when they are first needed, which on a busy machine takes a moment.
    async with open_instance(pool, limits=RuntimeLimits(before=Limits(wall_seconds=30.0))) as opened:
        yield opened


async def test_a_hook_that_sets_itself_off_ends_with_an_error_that_says_so(instance: Instance) -> None:
    await instance.attach(CREATES, grants=PERMISSIONS)

    with pytest.raises(PluginsTooDeep) as failure:
        await instance.customers.create(SYSTEM, {"name": "Ada", "email": "ada@x.example"})

    assert failure.value.message == (
        "acme.test was not run before customers.create, because 4 plugins wait for it already."
    )
    assert (failure.value.code, failure.value.place) == ("plugin.too_deep", "acme.test before customers.create")
    assert await instance.emails() == []


async def test_several_such_loops_at_once_end(instance: Instance) -> None:
    await instance.attach(CREATES, grants=PERMISSIONS, id="acme.one")
    await instance.attach(CREATES, grants=PERMISSIONS, id="acme.two")
    drafts = [{"name": "Ada", "email": f"{number}@x.example"} for number in range(6)]

    attempts = (instance.customers.create(SYSTEM, draft) for draft in drafts)
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {PluginsTooDeep}
    assert await instance.emails() == []


async def test_a_hook_that_sets_itself_off_and_catches_everything_ends(instance: Instance) -> None:
    await instance.attach(CATCHES, grants=PERMISSIONS)

    created = await instance.customers.create(SYSTEM, {"name": "Ada", "email": "ada@x.example"})

    assert created.email == "ada@x.example"
    assert set(await instance.emails()) == {f"ada{'x' * depth}@x.example" for depth in range(4)}


async def test_a_route_may_set_off_hooks_of_itself_and_others(instance: Instance) -> None:
    await instance.attach(NESTS + TAGS, grants=PERMISSIONS)

    assert (await instance.get("/1")).body == ["tagged"]


async def test_many_routes_that_set_off_hooks_do_not_wait_for_each_other_for_ever(instance: Instance) -> None:
    await instance.attach(NESTS, grants=PERMISSIONS, id="acme.nests")
    await instance.attach(TAGS, grants=PERMISSIONS, id="acme.tags")

    answers = await asyncio.gather(*(instance.get(f"/{number}", plugin="acme.nests") for number in range(16)))

    assert [answer.body for answer in answers] == [["tagged"]] * 16
    assert len(await instance.emails()) == 16


async def test_nor_when_the_hooks_plugin_is_compiled_meanwhile(instance: Instance) -> None:
    await instance.attach(NESTS, grants=PERMISSIONS, id="acme.nests")
    late = await make_plugin(instance.pool, TAGS, grants=PERMISSIONS, id="acme.tags")
    bundle = make_opened_bundle(TAGS, late.exports)
    instance.runtime.attach(replace(late, code=partial(compile_bundle, instance.pool, bundle)))

    routes = (instance.get(f"/{number}", plugin="acme.nests") for number in range(6))
    drafts = ({"name": "Direct", "email": f"direct{number}@x.example"} for number in range(6))
    creates = (instance.customers.create(SYSTEM, draft) for draft in drafts)
    async with asyncio.timeout(instance.pool.settings.queue_seconds):
        await asyncio.gather(*routes, *creates)

    assert len(await instance.emails()) == 12


async def test_what_fails_deep_down_names_the_way_there(instance: Instance) -> None:
    await instance.attach(NESTS, grants=PERMISSIONS, id="acme.nests")
    await instance.attach(
        """
    @before("customers.create")
    def check(self, ctx, draft):
        raise ValueError("boom")
    """,
        id="acme.breaks",
    )

    with pytest.raises(Failed) as failure:
        await instance.get("/1", plugin="acme.nests")

    assert failure.value.message == (
        "acme.nests failed on GET /{number}: The plugin raised HostError: "
        "acme.breaks failed before customers.create: The plugin raised ValueError: boom"
    )


async def test_a_plugin_lends_no_other_plugin_more_than_it_has(instance: Instance) -> None:
    await instance.attach(NESTS, grants={"customers.create"}, id="acme.nests")
    await instance.attach(
        """
    @before("customers.create")
    def check(self, ctx, draft):
        return draft | {"notes": str(ctx.customers.count())}
    """,
        grants={"customers.read"},
        id="acme.counts",
    )

    with pytest.raises(Error, match="may not do this: See customers and search among them"):
        await instance.get("/1", plugin="acme.nests")
    assert (await instance.customers.create(SYSTEM, {"name": "Ada", "email": "a@x.example"})).notes == "0"
