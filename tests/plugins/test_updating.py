"""Another version takes the place of the one that is installed."""

import asyncio
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM, ActivityLog
from rising_bsm.errors import Error, PermissionDenied
from rising_bsm.plugins.updating import Replaced
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.people import make_actor
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio

PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return ["VERSION", ctx.plugin.version, ctx.storage.increment("n")]

@before("customers.create")
def look(self, ctx, draft):
    return draft | {"city": "VERSION"}
"""


async def make_version(pool: Pool, version: str, methods: str = "", **changes: Any) -> bytes:
    """This version of `acme.test`, which says at / which one it is, and counts how often it was asked."""
    return await make_signed_plugin(pool, PLUGIN.replace("VERSION", version) + methods, version=version, **changes)


async def make_updated(instance: Instance, pool: Pool, methods: str = "", **changes: Any) -> Replaced:
    """Version 1.1.0 in the place of 1.0.0."""
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    return await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0", methods, **changes))


async def shown_by_hook(instance: Instance) -> str:
    return str((await instance.hooks.run_before("customers.create", {}, None, SYSTEM))["city"])


async def test_the_new_version_answers_and_has_what_the_old_one_stored(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    assert await instance.ask() == ["1.0.0", "1.0.0", 1]

    replaced = await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"))

    assert await instance.ask() == ["1.1.0", "1.1.0", 2]
    assert await shown_by_hook(instance) == "1.1.0"
    assert (replaced.plugin.version, replaced.from_version, await instance.state()) == ("1.1.0", "1.0.0", "active")
    assert [(one.role, one.version) for one in await instance.plugins.versions(SYSTEM, "acme.test")] == [
        ("previous", "1.0.0")
    ]
    assert len(instance.files()) == 4


@pytest.mark.parametrize("keep_data", [True, False])
async def test_a_rollback_brings_the_version_before_back_and_with_it_what_was_stored(
    on_each_database: Instance, pool: Pool, keep_data: bool
) -> None:
    instance = on_each_database
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    await instance.ask()
    await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"))
    assert await instance.ask() == ["1.1.0", "1.1.0", 2]
    with pytest.raises(Error) as refusal:
        await instance.plugins.rollback(SYSTEM, "acme.test")
    assert refusal.value.code == "plugins.newer_data"

    replaced = await instance.plugins.rollback(SYSTEM, "acme.test", keep_data=keep_data)

    assert (replaced.plugin.version, replaced.from_version) == ("1.0.0", "1.1.0")
    assert await instance.ask() == ["1.0.0", "1.0.0", 3 if keep_data else 2]
    assert await shown_by_hook(instance) == "1.0.0"
    with pytest.raises(Error) as refusal:
        await instance.plugins.rollback(SYSTEM, "acme.test")
    assert refusal.value.code == "plugins.nothing_to_roll_back"


async def test_after_a_rollback_the_same_update_can_be_made_again(instance: Instance, pool: Pool) -> None:
    await make_updated(instance, pool)
    await instance.plugins.rollback(SYSTEM, "acme.test")

    await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"))

    assert await instance.ask() == ["1.1.0", "1.1.0", 1]
    assert len(instance.files()) == 4


async def test_the_two_versions_before_are_kept_each_with_its_data(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    for version in ("1.1.0", "2.0.0", "3.0.0"):
        await instance.ask()
        await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, version))

    assert await _kept(instance) == {"previous": "2.0.0", "older": "1.1.0"}
    assert len(instance.files()) == 6
    await instance.ask()
    await instance.plugins.rollback(SYSTEM, "acme.test", keep_data=False)
    assert await _kept(instance) == {"undone": "3.0.0", "previous": "1.1.0"}
    assert await instance.ask() == ["2.0.0", "2.0.0", 4]
    await instance.plugins.rollback(SYSTEM, "acme.test", keep_data=False)
    assert await _kept(instance) == {"undone": "2.0.0"}
    assert await instance.ask() == ["1.1.0", "1.1.0", 3]
    with pytest.raises(Error, match="kept"):
        await instance.plugins.rollback(SYSTEM, "acme.test")
    assert len(instance.files()) == 4
    await instance.plugins.uninstall(SYSTEM, "acme.test")
    assert await instance.remains() == []


async def _kept(instance: Instance) -> dict[str, str]:
    return {str(one.role): one.version for one in await instance.plugins.versions(SYSTEM, "acme.test")}


async def test_what_an_update_did_to_the_data_is_taken_back_with_it(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    moving = """
def on_update(self, ctx, from_version):
    ctx.storage.set("count", ctx.storage.get("n"))
    ctx.storage.delete("n")
"""
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    assert (await instance.ask())[2] == 1
    await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0", moving))

    await instance.plugins.rollback(SYSTEM, "acme.test", keep_data=False)

    assert await instance.ask() == ["1.0.0", "1.0.0", 2]


async def test_a_failed_update_leaves_no_snapshot(instance: Instance, pool: Pool) -> None:
    failing = """
def on_update(self, ctx, from_version):
    1 / 0
"""
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    with pytest.raises(Error):
        await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0", failing))

    assert "plugin_snapshots" not in await instance.remains()


async def test_the_new_version_prepares_itself_while_the_old_one_answers(instance: Instance, pool: Pool) -> None:
    slow = """
def on_update(self, ctx, from_version):
    ctx.storage.set("from", from_version)
    time.sleep(0.3)

@route("GET", "/from")
def came_from(self, ctx, request):
    return ctx.storage.get("from")
"""
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    bundle = await make_version(pool, "1.1.0", slow)
    updating = asyncio.create_task(instance.plugins.update(SYSTEM, "acme.test", bundle))
    seen = []
    while not updating.done():
        seen.append((await instance.ask())[0])

    await updating
    assert seen.count("1.0.0") > 1
    assert set(seen) <= {"1.0.0", "1.1.0"}
    assert seen == sorted(seen)
    assert await instance.ask("/from") == "1.0.0"


async def test_a_call_that_runs_goes_on_to_its_end_in_its_version(instance: Instance, pool: Pool) -> None:
    slow = """
@route("GET", "/slow")
def slow(self, ctx, request):
    ctx.storage.set("begun", True)
    time.sleep(0.5)
    return ctx.plugin.version

@route("GET", "/begun")
def begun(self, ctx, request):
    return ctx.storage.get("begun", False)
"""
    bundles = [await make_version(pool, version, slow) for version in ("1.0.0", "1.1.0")]
    await instance.plugins.install(SYSTEM, bundles[0])
    call = asyncio.create_task(instance.ask("/slow"))
    while not await instance.ask("/begun"):
        pass

    await instance.plugins.update(SYSTEM, "acme.test", bundles[1])

    assert await call == "1.0.0"
    assert await instance.ask("/slow") == "1.1.0"


async def test_one_that_is_off_is_updated_and_stays_off(instance: Instance, pool: Pool) -> None:
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    await instance.plugins.deactivate(SYSTEM, "acme.test")

    await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"))

    assert await instance.state() == "inactive"
    with pytest.raises(Error, match="active"):
        await instance.ask()
    await instance.plugins.activate(SYSTEM, "acme.test")
    assert await instance.ask() == ["1.1.0", "1.1.0", 1]


FAILING = 'def on_update(self, ctx, from_version):\n    raise Refuse("Not today.")'
REFUSED = [
    ("what is no bundle", "bundle.not_an_archive", b"PK"),
    ("an older version", "plugins.downgrade", {"version": "0.9.0"}),
    ("the same version", "plugins.downgrade", {"version": "1.0.0", "methods": "x = 1"}),
    ("a preview of the same version", "plugins.downgrade", {"version": "1.0.0-rc.1"}),
    ("another plugin", "plugins.other_plugin", {"name": "other"}),
    ("a key that is not trusted", "bundle.untrusted_key", {"key": make_key(2)}),
    ("another host", "plugins.host_version", {"host": ">=7"}),
    ("an unknown permission", "plugins.new_permissions", {"permissions": ["customers.read", "customers.invent"]}),
    ("a new permission", "plugins.new_permissions", {"permissions": ["customers.read", "customers.update"]}),
    (
        "a new place on the network",
        "plugins.new_permissions",
        {"network": [{"url": "https://api.example.com/", "methods": ["GET"], "reason": "To ask."}]},
    ),
    ("one that stays in memory", "plugins.new_permissions", {"resources": {"resident": True}}),
    ("one that needs another", "plugins.dependencies", {"dependencies": {"acme.base": ">=1"}}),
    ("one that is no Python", "plugin.raised", {"methods": "\n@"}),
    ("one that raises", "plugin.raised", {"methods": "\ndef on_update(self, ctx, from_version): 1 / 0"}),
    ("one that refuses", "plugin.refused", {"methods": "\n" + FAILING}),
    ("one that lies", "plugin.exports_differ", {"exports_said": {"lifecycle": ["on_update"]}}),
]


@pytest.mark.parametrize(("code", "bundle"), [pytest.param(*rest, id=name) for name, *rest in REFUSED])
async def test_what_is_refused_leaves_the_old_version_as_it_was(
    instance: Instance, pool: Pool, code: str, bundle: Any
) -> None:
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    files = instance.files()
    if isinstance(bundle, dict) and bundle.get("methods") == "\n@":
        data = await make_signed_plugin(pool, source="class Main(:", version="1.1.0", exports_said={})
    elif isinstance(bundle, dict):
        data = await make_version(pool, **({"version": "1.1.0"} | bundle))
    else:
        data = bundle

    with pytest.raises(Error) as refusal:
        await instance.plugins.update(SYSTEM, "acme.test", data)

    assert refusal.value.code == code
    assert refusal.value.next_step
    assert instance.files() == files
    assert await instance.plugins.versions(SYSTEM, "acme.test") == []
    assert (await instance.ask(), await instance.state()) == (["1.0.0", "1.0.0", 1], "active")
    assert await shown_by_hook(instance) == "1.0.0"


async def test_what_is_new_is_granted_when_it_is_accepted(instance: Instance, pool: Pool) -> None:
    asked = {
        "permissions": ["customers.read", "customers.update"],
        "network": [{"url": "https://api.example.com/", "methods": ["GET", "POST"], "reason": "To ask."}],
    }
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    bundle = await make_version(pool, "1.1.0", **asked)
    with pytest.raises(Error) as refusal:
        await instance.plugins.update(SYSTEM, "acme.test", bundle, ["customers.update"])
    assert refusal.value.place == "GET:https://api.example.com/"
    assert "POST:https://api.example.com/" in refusal.value.message

    places = ["GET:https://api.example.com/", "POST:https://api.example.com/"]
    replaced = await instance.plugins.update(SYSTEM, "acme.test", bundle, ["customers.update", *places])

    assert (replaced.granted, replaced.withdrawn) == (["customers.update"], [])
    assert replaced.plugin.grants == ["customers.read", "customers.update"]


async def test_what_is_accepted_must_be_asked_for(instance: Instance, pool: Pool) -> None:
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))

    with pytest.raises(Error) as refusal:
        await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"), ["users.read"])

    assert (refusal.value.code, refusal.value.place) == ("plugins.not_asked_for", "users.read")


async def test_nobody_grants_by_an_update_what_they_may_not_do(instance: Instance, pool: Pool) -> None:
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    bundle = await make_version(pool, "1.1.0", permissions=["customers.read", "customers.update"])
    somebody = make_actor(permissions=["plugins.manage"])

    with pytest.raises(PermissionDenied) as refusal:
        await instance.plugins.update(somebody, "acme.test", bundle, ["customers.update"])
    assert refusal.value.place == "customers.update"
    # What the plugin has already is not granted anew.
    await instance.plugins.update(somebody, "acme.test", await make_version(pool, "1.2.0"))


async def test_what_is_not_asked_for_any_more_falls_away_and_comes_back_with_a_rollback(
    instance: Instance, pool: Pool
) -> None:
    await instance.plugins.install(
        SYSTEM, await make_version(pool, "1.0.0", permissions=["customers.read", "customers.update"])
    )

    replaced = await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0"))

    assert (replaced.withdrawn, replaced.plugin.grants) == (["customers.update"], ["customers.read"])
    back = await instance.plugins.rollback(SYSTEM, "acme.test")
    assert (back.granted, back.plugin.grants) == (["customers.update"], ["customers.read", "customers.update"])


OPTIONAL = {"optional_permissions": [{"code": "users.read", "reason": "To name who did it."}]}


async def test_a_choice_is_kept_by_updates_and_by_rollbacks(instance: Instance, pool: Pool) -> None:
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0", **OPTIONAL), ["users.read"])

    replaced = await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0", **OPTIONAL))
    assert replaced.plugin.grants == ["customers.read", "users.read"]
    # It is taken away, and no rollback gives it back.
    await instance.plugins.grant(SYSTEM, "acme.test", [])
    assert (await instance.plugins.rollback(SYSTEM, "acme.test")).plugin.grants == ["customers.read"]


SETTINGS = [
    {"name": "greeting", "type": "text", "label": "Greeting", "default": "Hello"},
    {"name": "count", "type": "whole", "label": "Count", "default": 3},
]


async def test_settings_stay_as_far_as_they_fit(instance: Instance, pool: Pool) -> None:
    reading = '\n@route("GET", "/settings")\ndef settings(self, ctx, request):\n    return dict(ctx.settings)\n'
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0", settings=SETTINGS))
    stored = instance.runtime.settings_of(
        "acme.test", (await instance.plugins.get(SYSTEM, "acme.test")).manifest.settings
    )
    async with instance.database.transaction() as session:
        await stored.write(session, {"greeting": "Hi", "count": 9})
    narrower = [SETTINGS[0], SETTINGS[1] | {"maximum": 5}]
    required = {"name": "key", "type": "text", "label": "Key", "required": True}

    bundle = await make_version(pool, "1.1.0", reading, settings=[*narrower, required])
    replaced = await instance.plugins.update(SYSTEM, "acme.test", bundle)

    assert (replaced.settings_reset, replaced.settings_missing) == (["count"], ["key"])
    assert await instance.ask("/settings") == {"greeting": "Hi", "count": 3, "key": None}


async def test_who_goes_away_while_it_is_updated_leaves_the_old_version(instance: Instance, pool: Pool) -> None:
    await instance.plugins.install(SYSTEM, await make_version(pool, "1.0.0"))
    files = instance.files()
    slow = "\ndef on_update(self, ctx, from_version):\n    ctx.storage.set('begun', True)\n    time.sleep(20)\n"
    reading = '\n@route("GET", "/begun")\ndef begun(self, ctx, request):\n    return ctx.storage.get("begun", False)\n'
    await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.0.1", reading))
    await instance.plugins.rollback(SYSTEM, "acme.test")
    await instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.0.1", reading))
    updating = asyncio.create_task(
        instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.1.0", slow + reading))
    )
    while not await instance.ask("/begun"):
        pass

    updating.cancel()

    with pytest.raises(asyncio.CancelledError):
        await updating
    assert len(instance.files()) == len(files) + 2
    assert [one.role for one in await instance.plugins.versions(SYSTEM, "acme.test")] == ["previous"]
    assert (await instance.ask())[0] == "1.0.1"


async def test_it_is_in_the_activity_log(instance: Instance, pool: Pool) -> None:
    await make_updated(instance, pool)
    await instance.plugins.rollback(SYSTEM, "acme.test")

    entries = (await ActivityLog(instance.database).list(SYSTEM, limit=2)).items
    assert [(entry.action, entry.detail) for entry in reversed(entries)] == [
        ("plugins.update", {"from": "1.0.0", "to": "1.1.0"}),
        ("plugins.rollback", {"from": "1.1.0", "to": "1.0.0"}),
    ]


async def test_a_distrusted_key_stops_updates_and_rollbacks(instance: Instance, pool: Pool) -> None:
    await make_updated(instance, pool)
    await instance.keys.distrust(SYSTEM, make_key().public_key.key_id)

    for change in (
        instance.plugins.rollback(SYSTEM, "acme.test"),
        instance.plugins.update(SYSTEM, "acme.test", await make_version(pool, "1.2.0")),
    ):
        with pytest.raises(Error) as refusal:
            await change
        assert refusal.value.code == "bundle.untrusted_key"
    assert (await instance.plugins.get(SYSTEM, "acme.test")).version == "1.1.0"
