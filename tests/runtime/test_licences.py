"""What a plugin that costs something may do, and that trouble about it is never trouble for the host."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.bundle.manifest import RouteExport
from rising_bsm.db import now
from rising_bsm.errors import Error, Failed
from rising_bsm.licensing import Clock, LicenceType, Licensed, standing
from rising_bsm.runtime import ActivePlugin, Egress
from rising_bsm.runtime.errors import NoAnswerForStrangers
from rising_bsm.runtime.events.tables import SCHEDULE, Delivery
from rising_bsm.runtime.licences import LicenceStopped
from rising_bsm.sandbox import Pool
from support.licences import make_licence
from support.outside import Names, make_places
from support.people import make_customer
from support.runtime import PLUGIN, Instance, make_plugin, make_request, open_instance

pytestmark = pytest.mark.anyio

DRAFT = {"name": "Ada", "email": "ada@x.example"}
METHODS = """
@route("GET", "/")
def read(self, ctx, request):
    return ctx.customers.count()

@route("POST", "/")
def write(self, ctx, request):
    try:
        ctx.customers.create(name="Eve", email="eve@x.example", phone="1")
    except NotPermitted as refused:
        return refused.place

@route("GET", "/license")
def license(self, ctx, request):
    known = ctx.license
    return [known.state, known.type, known.days_left, known.has("reports"), known.limits, str(known.expires_at)]

@route("GET", "/fetch")
def fetch(self, ctx, request):
    try:
        return ctx.http.fetch("GET", "https://api.example.com/").status
    except HostError as refused:
        return refused.code

@before("customers.create")
def check(self, ctx, draft):
    if not draft.get("phone"):
        raise Refuse("A phone number is needed.", field="phone")

@schedule("* * * * *")
def clock(self, ctx):
    pass

@after("customers.create")
def told(self, ctx, event):
    ctx.storage.increment("told")
"""
GRANTS = ("customers.read", "customers.create", "routes.public")


@pytest.fixture
async def instance(pool: Pool) -> AsyncIterator[Instance]:
    """An instance on a network where no plugin gets anywhere."""
    egress = Egress(resolve=Names({"api.example.com": [["127.0.0.1"]]}))
    async with open_instance(pool, egress=egress) as opened:
        yield opened


@pytest.fixture(scope="session")
async def plugin(pool: Pool) -> ActivePlugin:
    return replace(
        await make_plugin(pool, METHODS, grants=GRANTS), paid=True, network=make_places("https://api.example.com/")
    )


class Shop:
    """Who has sold the plugin what, and how often that was asked."""

    def __init__(self) -> None:
        self.licensed: Licensed | None = None
        self.error: Error | None = None
        self.asked = 0

    async def find(self, plugin_id: str) -> Licensed | None:
        assert plugin_id == PLUGIN
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.licensed

    def sell(self, age: timedelta = timedelta(0), refused: str | None = None, **changes: Any) -> None:
        """The licence was issued so long ago, and never renewed since."""
        licence = make_licence(issued_at=now() - age, **changes)
        self.licensed = Licensed(licence, standing(licence, Clock(now(), now()), refused))


@pytest.fixture
def shop(instance: Instance, plugin: ActivePlugin) -> Shop:
    shop = Shop()
    instance.runtime.licences.find = shop.find
    instance.runtime.attach(plugin)
    return shop


async def refused(call: Any) -> Error:
    with pytest.raises(Error) as caught:
        await call
    return caught.value


async def post(instance: Instance) -> Any:
    return (await instance.runtime.run_route(PLUGIN, make_request(method="POST"), SYSTEM)).body


async def test_with_a_licence_a_plugin_does_what_it_was_granted(instance: Instance, shop: Shop) -> None:
    shop.sell()

    assert (await instance.get()).body == 0
    assert await post(instance) is None
    assert await instance.emails() == ["eve@x.example"]


@pytest.mark.parametrize("days", [0.6, 2, 7.9])
async def test_in_the_days_of_grace_nothing_changes(instance: Instance, shop: Shop, days: float) -> None:
    shop.sell(timedelta(days=days))

    assert await post(instance) is None
    assert (await refused(instance.customers.create(SYSTEM, DRAFT))).place == "phone"


async def test_a_restricted_plugin_may_read_and_nothing_else(instance: Instance, shop: Shop) -> None:
    shop.sell(timedelta(days=9))
    await make_customer(instance.database)

    assert (await instance.get()).body == 1
    assert await post(instance) == "customers.create"
    assert (await instance.get("/license")).body[0] == "restricted"
    assert len(await instance.emails()) == 1


async def test_a_restricted_plugin_asks_nobody_outside(instance: Instance, shop: Shop) -> None:
    answers = []
    for days in (0, 9):
        shop.sell(timedelta(days=days))
        answers.append((await instance.get("/fetch")).body)

    assert answers == ["http.address_refused", "http.not_allowed"]


@pytest.mark.parametrize("how", ["none", "revoked", "old"])
async def test_a_stopped_plugin_answers_nothing_and_says_why(instance: Instance, shop: Shop, how: str) -> None:
    if how != "none":
        shop.sell(timedelta(days=100 if how == "old" else 0), "BANNED" if how == "revoked" else None)

    error = await refused(instance.get())

    assert (error.code, error.place) == ("license.stopped", PLUGIN)
    assert error.next_step
    assert isinstance(error, LicenceStopped)


@pytest.mark.parametrize("days", [9, 100, None])
async def test_customers_can_be_created_whatever_becomes_of_the_licence(
    instance: Instance, shop: Shop, days: int | None
) -> None:
    if days is not None:
        shop.sell(timedelta(days=days))

    await instance.customers.create(SYSTEM, DRAFT)

    assert await instance.emails() == ["ada@x.example"]


async def test_customers_can_be_created_although_the_licence_cannot_be_found_out(
    instance: Instance, shop: Shop
) -> None:
    shop.error = Failed("The keys of this instance cannot be read.")

    await instance.customers.create(SYSTEM, DRAFT)

    assert await instance.emails() == ["ada@x.example"]


async def test_a_licence_that_ends_between_two_looks_stands_in_nobodys_way(instance: Instance, shop: Shop) -> None:
    shop.sell()
    sold = shop.licensed

    async def ends(_plugin_id: str) -> Licensed | None:
        shop.licensed, answer = None, shop.licensed
        return answer

    instance.runtime.licences.find = ends

    await instance.customers.create(SYSTEM, DRAFT)

    assert sold is not None
    assert await instance.emails() == ["ada@x.example"]


async def test_with_a_licence_the_hook_has_its_say(instance: Instance, shop: Shop) -> None:
    shop.sell()

    assert (await refused(instance.customers.create(SYSTEM, DRAFT))).message == "A phone number is needed."


async def test_the_licence_is_shown_to_the_plugin(instance: Instance, shop: Shop) -> None:
    expires = now() + timedelta(days=3)
    sold = {"type": LicenceType.PREMIUM, "entitlements": ("reports",), "limits": {"customers": 5}}
    shop.sell(expires_at=expires, **sold)

    found = (await instance.get("/license")).body

    assert found == ["ok", "premium", 3, True, {"customers": 5}, str(expires)]


async def test_a_free_plugin_is_asked_no_questions(instance: Instance, shop: Shop, plugin: ActivePlugin) -> None:
    instance.runtime.attach(replace(plugin, paid=False))

    assert (await instance.get("/license")).body == ["none", None, None, False, {}, "None"]
    await refused(instance.customers.create(SYSTEM, DRAFT))
    assert shop.asked == 0


async def test_strangers_are_not_told_about_licences(instance: Instance, shop: Shop, plugin: ActivePlugin) -> None:
    route = RouteExport(method="GET", path="/open", handler="license", public=True)
    exports = plugin.exports.model_copy(update={"routes": (route,)})
    instance.runtime.attach(replace(plugin, exports=exports))
    shop.sell()
    assert (await instance.runtime.run_route(PLUGIN, make_request(path="/open"), None)).body[0] == "ok"

    for days in (9, 100):
        shop.sell(timedelta(days=days))
        error = await refused(instance.runtime.run_route(PLUGIN, make_request(path="/open"), None))
        assert isinstance(error, NoAnswerForStrangers)
        assert "licen" not in str(error.as_dict())


async def test_what_runs_by_the_clock_is_left_out_and_an_event_waits(instance: Instance, shop: Shop) -> None:
    delivery = {"plugin_id": PLUGIN, "depth": 0, "payload": "{}"}

    await instance.runtime.run_delivery(Delivery(name=SCHEDULE, handler="clock", **delivery))

    event = Delivery(name="customers.create", handler="told", **delivery)
    assert (await refused(instance.runtime.run_delivery(event))).code == "license.stopped"


async def test_a_stopped_plugin_is_not_counted_as_failing(instance: Instance, shop: Shop) -> None:
    ended: list[Any] = []
    instance.runtime.accounting.watchers.append(ended.append)

    for _ in range(20):
        assert (await refused(instance.get())).code == "license.stopped"

    assert ended == []
