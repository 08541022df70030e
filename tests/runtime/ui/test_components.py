"""Components and actions in the real sandbox: who is shown what, with which rights, and what becomes of failures."""

from dataclasses import replace
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.accounts.permissions import STAFF
from rising_bsm.errors import NotFound, PermissionDenied
from rising_bsm.runtime import RuntimeLimits
from rising_bsm.runtime.errors import PluginNotActive
from rising_bsm.runtime.loader import ExportsInvalid
from rising_bsm.runtime.ui import InvalidTree
from rising_bsm.runtime.ui.dispatch import Props
from rising_bsm.runtime.ui.leaves import Stat, Text
from rising_bsm.sandbox import DeadlineExceeded, PluginRaised, PluginRefused, Pool
from rising_bsm.sandbox.limits import Limits
from support.runtime import PLUGIN, Instance, open_instance

pytestmark = pytest.mark.anyio

COLLEAGUE = Actor(user_id=None, name="colleague", permissions=frozenset({STAFF}))
OUTSIDER = Actor(user_id=None, name="outsider", permissions=frozenset({"marketplace.publish"}))
WIDGET = """
@component("dashboard.widget", title="Visits", permission="customers.read", order=5, icon="star")
def widget(self, ctx, props):
    return ui.Stat("Visits", ctx.storage.get("visits", 0))

@component("page", title="Members")
async def members(self, ctx, props):
    return [str(props), ui.Text(str(ctx.may("customers.read")))]

@action
def count(self, ctx, values):
    ctx.storage.increment("visits", values["by"])
    return ui.Done("Counted", state={"by": values["by"]})

@action
def refuse(self, ctx, values):
    raise Refuse("Not so many", field="by")

@action
def lead(self, ctx, values):
    return ui.Redirect("members", query={"a": "b"})

@action
def show(self, ctx, values):
    return ui.Text(f"seen {values}")

@action
def nothing(self, ctx, values):
    pass

def hidden(self, ctx, values):
    return ui.Text("never")
"""


async def shown(instance: Instance, name: str = "widget", actor: Actor = SYSTEM, **props: Any) -> Any:
    return await instance.runtime.ui.render(PLUGIN, name, Props(**props), actor)


async def act(instance: Instance, action: str, actor: Actor = SYSTEM, **values: Any) -> Any:
    return await instance.runtime.ui.act(PLUGIN, "widget", action, values, actor)


async def test_components_are_read_off_the_class(instance: Instance) -> None:
    plugin = await instance.attach(WIDGET)
    members, widget = sorted(plugin.exports.components, key=lambda export: export.handler)
    assert (widget.mount, widget.title, widget.permission, widget.order, widget.icon) == (
        *("dashboard.widget", "Visits", "customers.read", 5, "star"),
    )
    assert members.mount == "page"
    assert {export.handler for export in plugin.exports.actions} == {"count", "refuse", "lead", "show", "nothing"}


async def test_a_mount_that_there_is_not_is_refused_when_the_class_is_read(instance: Instance) -> None:
    with pytest.raises(ExportsInvalid) as refusal:
        await instance.attach('@component("everywhere", title="A")\ndef a(self, ctx, props): ...')
    assert refusal.value.place == "components[0].mount"


async def test_people_are_shown_what_they_may_see_in_order(instance: Instance) -> None:
    await instance.attach(WIDGET)
    await instance.attach('@component("dashboard.widget", title="A", order=1)\ndef a(self, ctx, props): ...', id="b.c")
    found = instance.runtime.ui.at("dashboard.widget", SYSTEM)
    assert [(one.plugin.id, one.export.handler) for one in found] == [("b.c", "a"), (PLUGIN, "widget")]
    assert [one.plugin.id for one in instance.runtime.ui.at("dashboard.widget", COLLEAGUE)] == ["b.c"]
    assert instance.runtime.ui.at("dashboard.widget", OUTSIDER) == []
    with pytest.raises(PermissionDenied):
        instance.runtime.ui.find("b.c", "a", OUTSIDER)
    assert instance.runtime.ui.at("customer.detail", SYSTEM) == []


async def test_a_component_is_shown(instance: Instance) -> None:
    await instance.attach(WIDGET)
    assert await shown(instance) == (Stat("Visits", 0),)


async def test_it_is_told_where_it_is_and_acts_for_the_person_within_its_grants(instance: Instance) -> None:
    await instance.attach(WIDGET, grants=["customers.read"])
    told, may = await shown(instance, "members", query={"page": "2"}, state={"a": [1]}, locale="de", entity_id="7")
    where = {"mount": "page", "entity_id": "7", "locale": "de", "time_zone": "UTC"}
    assert told == Text(str(where | {"query": {"page": "2"}, "state": {"a": [1]}}))
    assert may == Text("True")
    assert (await shown(instance, "members", COLLEAGUE))[1] == Text("False")


async def test_an_action_does_its_work_and_says_what_is_shown_next(instance: Instance) -> None:
    await instance.attach(WIDGET)
    done = await act(instance, "count", by=3)
    assert (done.message, done.state, done.tree, done.redirect) == ("Counted", {"by": 3}, None, None)
    assert await shown(instance) == (Stat("Visits", 3),)
    assert (await act(instance, "show", a=1)).tree == (Text("seen {'a': 1}"),)
    assert (await act(instance, "lead")).redirect.to == "members"
    assert (await act(instance, "nothing")).message == ""


async def test_an_action_refuses_with_the_field(instance: Instance) -> None:
    await instance.attach(WIDGET)
    with pytest.raises(PluginRefused) as refusal:
        await act(instance, "refuse")
    assert refusal.value.fields == {"by": "Not so many"}


@pytest.mark.parametrize("name", ["hidden", "widget", "on_uninstall", "__init__", "no_such"])
async def test_only_what_is_marked_as_an_action_is_called(instance: Instance, name: str) -> None:
    await instance.attach(WIDGET)
    with pytest.raises(NotFound) as refusal:
        await act(instance, name)
    assert refusal.value.code == "ui.no_such_action"


@pytest.mark.parametrize("name", ["hidden", "count", "on_uninstall", "no_such"])
async def test_only_what_is_marked_as_a_component_is_shown(instance: Instance, name: str) -> None:
    await instance.attach(WIDGET)
    with pytest.raises(NotFound) as refusal:
        await shown(instance, name)
    assert refusal.value.code == "ui.no_such_component"


async def test_who_may_not_see_a_component_gets_neither_it_nor_its_actions(instance: Instance) -> None:
    await instance.attach(WIDGET)
    for attempt in (shown(instance, actor=COLLEAGUE), act(instance, "count", COLLEAGUE, by=1)):
        with pytest.raises(PermissionDenied) as refusal:
            await attempt
        assert refusal.value.place == "customers.read"
    assert await shown(instance) == (Stat("Visits", 0),)


async def test_a_plugin_that_is_switched_off_shows_nothing(instance: Instance) -> None:
    await instance.attach(WIDGET)
    instance.runtime.detach(PLUGIN)
    assert instance.runtime.ui.at("dashboard.widget", SYSTEM) == []
    with pytest.raises(PluginNotActive):
        await shown(instance)


async def test_a_component_that_raises_says_where_in_the_authors_file(instance: Instance) -> None:
    await instance.attach('@component("page", title="A")\ndef a(self, ctx, props):\n    raise ValueError("broken")')
    with pytest.raises(PluginRaised, match="failed in component a: The plugin raised ValueError") as failure:
        await shown(instance, "a")
    assert failure.value.place == "test_plugin.py:7"


async def test_what_cannot_be_shown_is_the_plugins_failure_with_its_place(instance: Instance) -> None:
    await instance.attach('@component("page", title="A")\ndef a(self, ctx, props):\n    return ui.Link("a", "data:x")')
    with pytest.raises(InvalidTree) as failure:
        await shown(instance, "a")
    assert (failure.value.code, failure.value.place) == ("ui.invalid_tree", "Link")
    (line, *_) = await instance.runtime.log_of(PLUGIN)
    assert "The target of a link" in line.message


async def test_a_component_has_less_time_than_an_action(pool: Pool) -> None:
    slow = replace(RuntimeLimits(), component=Limits(wall_seconds=0.2))
    body = """
    @component("page", title="A")
    def a(self, ctx, props):
        while True: ...

    @action
    def b(self, ctx, values):
        time.sleep(0.4)
    """
    async with open_instance(pool, limits=slow) as instance:
        await instance.attach(body)
        with pytest.raises(DeadlineExceeded):
            await shown(instance, "a")
        assert (await instance.runtime.ui.act(PLUGIN, "a", "b", {}, SYSTEM)).message == ""


async def test_calls_are_recorded_by_what_they_are(instance: Instance) -> None:
    seen: list[tuple[str, str, str]] = []
    instance.runtime.accounting.watchers.append(lambda one: seen.append((one.kind, one.entry, one.status)))
    await instance.attach(WIDGET)
    await shown(instance)
    with pytest.raises(PluginRefused):
        await act(instance, "refuse")
    assert seen == [("component", "in component widget", "ok"), ("action", "in action refuse", "refused")]
