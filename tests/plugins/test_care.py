from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from rising_bsm.accounts import SYSTEM, ActivityLog
from rising_bsm.bundle.settings import SettingField
from rising_bsm.db import Database
from rising_bsm.errors import Error, InvalidInput, NotFound, PermissionDenied
from rising_bsm.plugins.care import PluginCare
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime.settings import Cipher, PluginSettings
from rising_bsm.runtime.tables import plugin_settings
from rising_bsm.sandbox import Pool
from support.people import make_actor
from support.plugins import Instance, make_signed_plugin, open_plugins

pytestmark = pytest.mark.anyio

SETTINGS = [
    {"name": "greeting", "type": "text", "label": "Greeting", "default": "Hello"},
    {"name": "level", "type": "whole", "label": "Level", "minimum": 1, "required": True},
    {"name": "api_key", "type": "secret", "label": "Key"},
]
METHODS = """
@route("GET", "/settings")
def read(self, ctx, request):
    return dict(ctx.settings) | {"told": ctx.storage.get("told")}

@route("GET", "/may")
def may(self, ctx, request):
    return [code for code in ("customers.read", "customers.delete", "users.read") if ctx.may(code)]

@route("POST", "/report")
def report(self, ctx, request):
    for key in request.body:
        ctx.problems.report(key, "Mail bounced \\x1b[31m", level="error", to="x@x.example")

@route("POST", "/clear")
def clear(self, ctx, request):
    return [ctx.problems.clear(key) for key in request.body]

@route("GET", "/host")
def host(self, ctx, request):
    asked = ctx.batch([("time.now", {}), ("storage.get", {"key": ""}), ("users.list", {})])
    first, bad, denied = asked
    return [ctx.time.now().tzinfo is not None, len(ctx.random.bytes(7)), len(ctx.random.token()),
            type(bad).__name__, type(denied).__name__, denied.place]

def on_settings_changed(self, ctx):
    ctx.storage.set("told", ctx.settings["greeting"])
    if ctx.settings["greeting"] == "fail":
        raise ValueError("I do not like it")
"""


async def install(pool: Pool, instance: Instance, *, settings: Any = SETTINGS, **options: Any) -> PluginCare:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, METHODS, settings=settings, **options))
    return PluginCare(instance.database, instance.runtime, instance.plugins)


@pytest.fixture
async def care(pool: Pool, instance: Instance) -> PluginCare:
    return await install(pool, instance)


async def test_a_plugin_reads_its_settings_and_is_told_when_they_change(care: PluginCare, instance: Instance) -> None:
    assert await instance.ask("/settings") == {"greeting": "Hello", "level": None, "api_key": None, "told": None}

    await care.change_settings(SYSTEM, "acme.test", {"greeting": "Hi", "level": 3, "api_key": "s3cret"})

    assert await instance.ask("/settings") == {"greeting": "Hi", "level": 3, "api_key": "s3cret", "told": "Hi"}


async def test_what_is_not_named_stays_and_null_is_as_if_nobody_had(care: PluginCare, instance: Instance) -> None:
    await care.change_settings(SYSTEM, "acme.test", {"greeting": "Hi", "level": 3, "api_key": "s3cret"})

    await care.change_settings(SYSTEM, "acme.test", {"greeting": None, "api_key": None})

    assert await instance.ask("/settings") == {"greeting": "Hello", "level": 3, "api_key": None, "told": "Hello"}


async def test_a_secret_is_never_shown_nor_stored_in_the_clear(care: PluginCare, instance: Instance) -> None:
    shown = await care.change_settings(SYSTEM, "acme.test", {"level": 1, "api_key": "s3cret"})

    assert "s3cret" not in str(shown) + str(await care.settings(SYSTEM, "acme.test"))
    assert [(one["name"], one["set"]) for one in shown] == [("greeting", False), ("level", True), ("api_key", True)]
    assert [one.get("value") for one in shown] == ["Hello", 1, None]
    async with instance.database.reading() as session:
        stored = (await session.execute(select(plugin_settings.c.value))).scalars().all()
    assert len(stored) == 2
    assert "s3cret" not in str(stored)
    entry = (await ActivityLog(instance.database).list(SYSTEM)).items[0]
    assert (entry.action, entry.detail) == ("plugins.settings", {"fields": ["api_key", "level"]})


async def test_every_wrong_setting_is_named_and_none_is_stored(care: PluginCare, instance: Instance) -> None:
    values = {"greeting": 5, "level": 0, "colour": "red", "api_key": "s3cret"}
    with pytest.raises(InvalidInput) as caught:
        await care.change_settings(SYSTEM, "acme.test", values)

    assert caught.value.code == "settings.invalid_values"
    assert set(caught.value.fields) == {"greeting", "level", "colour"}
    assert "s3cret" not in str(caught.value.as_dict())
    assert (await instance.ask("/settings"))["api_key"] is None


async def test_what_is_required_must_be_set(care: PluginCare) -> None:
    with pytest.raises(InvalidInput) as caught:
        await care.change_settings(SYSTEM, "acme.test", {"greeting": "Hi"})
    assert caught.value.fields == {"level": "This is required."}

    await care.change_settings(SYSTEM, "acme.test", {"level": 1})
    await care.change_settings(SYSTEM, "acme.test", {"greeting": "Hi"})
    with pytest.raises(InvalidInput):
        await care.change_settings(SYSTEM, "acme.test", {"level": None})


async def test_a_plugin_that_fails_on_its_settings_has_them_all_the_same(care: PluginCare, instance: Instance) -> None:
    await care.change_settings(SYSTEM, "acme.test", {"level": 1, "greeting": "fail"})

    assert (await instance.ask("/settings"))["greeting"] == "fail"
    assert "I do not like it" in (await instance.runtime.log_of("acme.test"))[0].message


async def test_a_secret_opens_for_its_setting_of_its_plugin_alone() -> None:
    cipher = Cipher(b"1" * 32)
    sealed = cipher.seal("acme.test", "api_key", "s3cret")

    assert cipher.open("acme.test", "api_key", sealed) == "s3cret"
    assert cipher.seal("acme.test", "api_key", "s3cret") != sealed
    others = [
        (cipher, "acme.other", "api_key"),
        (cipher, "acme.test", "key"),
        (Cipher(b"2" * 32), "acme.test", "api_key"),
    ]
    for other, plugin, name in others:
        with pytest.raises(Error) as caught:
            other.open(plugin, name, sealed)
        assert caught.value.code == "settings.secret_unreadable"
    for damaged in ("", "AAAA", sealed[:-8] + "AAAAAAA=", "ü"):
        with pytest.raises(Error):
            cipher.open("acme.test", "api_key", damaged)


async def test_a_secret_that_is_copied_to_another_plugin_or_setting_does_not_open(
    care: PluginCare, instance: Instance
) -> None:
    await care.change_settings(SYSTEM, "acme.test", {"level": 1, "api_key": "s3cret"})
    async with instance.database.transaction() as session:
        mine = plugin_settings.c.name == "api_key"
        await session.execute(update(plugin_settings).where(mine).values(plugin_id="acme.thief"))

    fields = (await instance.plugins.get(SYSTEM, "acme.test")).manifest.settings
    with pytest.raises(Error, match="cannot be read any more"):
        await instance.runtime.settings_of("acme.thief", fields).values()


async def test_what_was_a_secret_is_not_shown_when_it_is_one_no_more(pool: Pool, database: Database) -> None:
    def settings(type: str) -> PluginSettings:
        return PluginSettings(database, cipher, "acme.test", (SettingField(name="it", type=type, label="It"),))

    cipher = Cipher(b"1" * 32)
    for before, after in (("secret", "text"), ("text", "secret"), ("text", "whole")):
        async with database.transaction() as session:
            await settings(before).write(session, {"it": "s3cret"})
        assert await settings(after).values() == {"it": None}
        assert not (await settings(after).shown())[0]["set"]


async def test_settings_are_for_those_who_manage_plugins(care: PluginCare) -> None:
    stranger = make_actor(permissions=["customers.read"])
    for deed in (care.settings, care.problems, care.clear_problems):
        with pytest.raises(PermissionDenied):
            await deed(stranger, "acme.test")
    with pytest.raises(PermissionDenied):
        await care.change_settings(stranger, "acme.test", {"level": 1})
    for deed in (care.settings, care.problems, care.clear_problems):
        with pytest.raises(NotFound):
            await deed(SYSTEM, "acme.none")


async def test_problems_are_counted_by_key_and_cleared(care: PluginCare, instance: Instance) -> None:
    await instance.ask("/report", method="POST", body=["mail", "disk", "mail"])

    problems = {problem["key"]: problem for problem in await care.problems(SYSTEM, "acme.test")}
    assert {key: problem["count"] for key, problem in problems.items()} == {"mail": 2, "disk": 1}
    assert problems["mail"]["message"] == "Mail bounced \\x1b[31m"
    assert problems["mail"]["details"] == {"to": "x@x.example"}
    assert problems["mail"]["first_at"] < problems["mail"]["last_at"]

    assert await instance.ask("/clear", method="POST", body=["mail", "mail"]) == [True, False]
    await care.clear_problems(SYSTEM, "acme.test", "disk")
    with pytest.raises(NotFound):
        await care.clear_problems(SYSTEM, "acme.test", "disk")
    await care.clear_problems(SYSTEM, "acme.test")
    assert await care.problems(SYSTEM, "acme.test") == []


async def test_a_plugin_has_so_many_problems_and_no_more(care: PluginCare, instance: Instance) -> None:
    await instance.ask("/report", method="POST", body=[f"k{number}" for number in range(100)])

    with pytest.raises(Error, match="100 problems"):
        await instance.ask("/report", method="POST", body=["one more"])
    await instance.ask("/report", method="POST", body=["k5"])

    assert len(await care.problems(SYSTEM, "acme.test")) == 100


async def test_nothing_of_it_remains(care: PluginCare, instance: Instance) -> None:
    await care.change_settings(SYSTEM, "acme.test", {"level": 1, "api_key": "s3cret"})
    await instance.ask("/report", method="POST", body=["mail"])
    assert {"plugin_settings", "plugin_problems"} <= set(await instance.remains())

    await instance.plugins.uninstall(SYSTEM, "acme.test")

    assert await instance.remains() == []


async def test_optional_permissions_are_granted_when_they_are_chosen(pool: Pool, instance: Instance) -> None:
    optional = [{"code": code, "reason": "A test likes it."} for code in ("customers.delete", "users.read")]
    bundle = await make_signed_plugin(pool, METHODS, optional_permissions=optional)

    await instance.plugins.install(SYSTEM, bundle)
    assert await instance.ask("/may") == ["customers.read"]
    await instance.plugins.uninstall(SYSTEM, "acme.test")

    await instance.plugins.install(SYSTEM, bundle, ["users.read"])
    assert await instance.ask("/may") == ["customers.read", "users.read"]
    assert await instance.ask("/may", actor=make_actor(permissions=["users.read"])) == ["users.read"]
    await instance.plugins.uninstall(SYSTEM, "acme.test")

    for code, actor, wrong in (
        ("customers.update", SYSTEM, "plugins.not_asked_for"),
        ("users.read", make_actor(permissions=["plugins.manage", "customers.read"]), "permission.denied"),
    ):
        with pytest.raises(Error) as caught:
            await instance.plugins.install(actor, bundle, [code])
        assert (caught.value.code, caught.value.place) == (wrong, code)
    assert await instance.remains() == []


async def test_the_rest_of_ctx(care: PluginCare, instance: Instance) -> None:
    assert await instance.ask("/host") == [True, 7, 43, "Invalid", "NotPermitted", "users.read"]


async def test_what_was_set_outlives_a_restart(pool: Pool, database: Database, tmp_path: Path) -> None:
    async with open_plugins(pool, database, tmp_path) as instance:
        await instance.trust("acme")
        care = await install(pool, instance)
        await care.change_settings(SYSTEM, "acme.test", {"level": 7})
    async with open_plugins(pool, database, tmp_path) as instance:
        assert (await instance.ask("/settings"))["level"] == 7
        assert isinstance(instance.plugins, Plugins)
