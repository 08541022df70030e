import asyncio

import pytest

from rising_bsm.accounts import SYSTEM, ActivityLog
from rising_bsm.errors import Error
from rising_bsm.plugins.installing import AlreadyInstalled
from rising_bsm.sandbox import PluginRaised, Pool
from support.bundles import make_bundle, make_key
from support.people import make_actor
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio

GREETER = """
@route("GET", "/")
def hello(self, ctx, request):
    return "hello"
"""


async def test_an_installed_plugin_answers(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    bundle = await make_signed_plugin(pool, GREETER)

    plugin = await instance.plugins.install(SYSTEM, bundle)

    assert (plugin.plugin_id, await instance.state()) == ("acme.test", "active")
    assert await instance.ask() == "hello"


async def test_what_is_told_of_a_plugin(instance: Instance, pool: Pool) -> None:
    actor = make_actor(name="Ada")
    bundle = await make_signed_plugin(pool, GREETER, permissions=["customers.read"])

    await instance.plugins.install(actor, bundle)

    [plugin] = await instance.plugins.list(SYSTEM)
    told = plugin.as_dict()
    assert told | {"installed_at": "", "activated_at": "", "digest": ""} == {
        "id": "acme.test",
        "state": "active",
        "version": "1.0.0",
        "display_name": "Hello",
        "description": "Greets.",
        "license": "MIT",
        "permissions": [{"code": "customers.read", "reason": "A test needs it."}],
        "exports": {
            "routes": [{"method": "GET", "path": "/", "handler": "hello", "permission": None, "public": False}],
            "before": [],
            "after": [],
            "schedules": [],
            "components": [],
            "actions": [],
            "lifecycle": [],
        },
        "optional_permissions": [],
        "network": [],
        "dependencies": {},
        "conflicts": [],
        "breaker": "enforce",
        "open_hooks": [],
        "grants": ["customers.read"],
        "problem": None,
        "digest": "",
        "size": len(bundle),
        "key_id": make_key().public_key.key_id,
        "installed_by": str(actor.user_id),
        "installed_at": "",
        "activated_at": "",
    }


async def test_a_plugin_may_do_what_it_was_granted_and_nothing_else(instance: Instance, pool: Pool) -> None:
    bundle = await make_signed_plugin(
        pool,
        """
        @route("GET", "/count")
        def count(self, ctx, request):
            return ctx.customers.count()

        @route("GET", "/create")
        def create(self, ctx, request):
            try:
                ctx.customers.create(name="x", email="x@y.example")
            except NotPermitted as error:
                return error.place
        """,
        permissions=["customers.read"],
    )
    await instance.plugins.install(SYSTEM, bundle)

    assert await instance.ask("/count") == 0
    assert await instance.ask("/create") == "customers.create"


async def test_it_prepares_itself_before_it_answers(instance: Instance, pool: Pool) -> None:
    bundle = await make_signed_plugin(
        pool,
        """
        def on_install(self, ctx):
            ctx.storage.set("steps", ["installed"])

        def on_activate(self, ctx):
            ctx.storage.set("steps", [*ctx.storage.get("steps"), "activated"])

        @route("GET", "/")
        def steps(self, ctx, request):
            return ctx.storage.get("steps")
        """,
    )

    await instance.plugins.install(SYSTEM, bundle)

    assert await instance.ask() == ["installed", "activated"]


REFUSED = [
    ("what is no bundle", "bundle.not_an_archive", b"PK"),
    ("an unsigned bundle", "bundle.unsigned", make_bundle()),
    ("a key that is not trusted", "bundle.untrusted_key", {"key": make_key(2)}),
    ("another publisher's key", "bundle.key_of_other_publisher", {"publisher": "other"}),
    ("another host", "plugins.host_version", {"host": ">=7"}),
    ("an unknown permission", "plugins.unknown_permission", {"permissions": ["customers.invent"]}),
    ("a permission for people", "plugins.permission_for_people", {"permissions": ["plugins.manage"]}),
    (
        "a route for nobody",
        "plugins.unknown_permission",
        {"methods": '@route("GET", "/", permission="a.b")\ndef get(self, ctx, request): pass'},
    ),
    (
        "something to see for nobody",
        "plugins.unknown_permission",
        {"methods": '@component("page", title="A", permission="a.b")\ndef show(self, ctx, props): pass'},
    ),
    ("a class that raises", "plugin.raised", {"methods": "def on_install(self, ctx): 1 / 0"}),
    ("one that cannot be switched on", "plugin.raised", {"methods": "def on_activate(self, ctx): 1 / 0"}),
    ("one that refuses", "plugin.refused", {"methods": "def on_install(self, ctx): raise Refuse('No.')"}),
]


@pytest.mark.parametrize(("code", "bundle"), [pytest.param(*rest, id=name) for name, *rest in REFUSED])
async def test_what_is_refused_leaves_nothing(instance: Instance, pool: Pool, code: str, bundle: object) -> None:
    data = bundle if isinstance(bundle, bytes) else await make_signed_plugin(pool, **bundle)

    with pytest.raises(Error) as refusal:
        await instance.plugins.install(SYSTEM, data)

    assert refusal.value.code == code
    assert await instance.remains() == []


async def test_what_a_plugin_stored_before_it_failed_is_gone_too(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    bundle = await make_signed_plugin(
        pool,
        """
        def on_install(self, ctx):
            ctx.storage.set("key", "value")
            ctx.log.info("preparing")

        def on_activate(self, ctx):
            raise RuntimeError("no")
        """,
    )

    with pytest.raises(PluginRaised):
        await instance.plugins.install(SYSTEM, bundle)

    assert await instance.remains() == []


async def test_a_manifest_that_promises_other_exports_is_refused(instance: Instance, pool: Pool) -> None:
    lying = {"routes": [{"method": "GET", "path": "/", "handler": "other"}]}
    bundle = await make_signed_plugin(pool, GREETER, exports_said=lying)

    with pytest.raises(Error) as refusal:
        await instance.plugins.install(SYSTEM, bundle)

    assert (refusal.value.code, refusal.value.place) == ("plugin.exports_differ", "exports.routes")
    assert await instance.remains() == []


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        (["customers.read"], "plugins.manage"),
        (["plugins.manage"], "customers.read"),
    ],
)
async def test_nobody_grants_what_they_may_not_do(
    instance: Instance, pool: Pool, held: list[str], missing: str
) -> None:
    bundle = await make_signed_plugin(pool, permissions=["customers.read"])

    with pytest.raises(Error) as refusal:
        await instance.plugins.install(make_actor(permissions=held), bundle)

    assert (refusal.value.code, refusal.value.place) == ("permission.denied", missing)
    assert await instance.remains() == []


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1"])
async def test_a_second_installation_is_refused_and_hurts_nobody(
    on_each_database: Instance, pool: Pool, version: str
) -> None:
    instance = on_each_database
    counter = """
    @route("GET", "/")
    def count(self, ctx, request):
        return ctx.storage.increment("n")
    """
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, counter))
    await instance.ask()
    before = instance.files()

    with pytest.raises(AlreadyInstalled):
        await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, counter, version=version))

    assert instance.files() == before
    assert (await instance.ask(), await instance.state()) == (2, "active")


@pytest.mark.parametrize("versions", [("1.0.0", "1.0.0"), ("1.0.0", "1.0.1")])
async def test_of_two_installations_at_once_one_wins(
    on_each_database: Instance, pool: Pool, versions: tuple[str, str]
) -> None:
    instance = on_each_database
    bundles = [await make_signed_plugin(pool, GREETER, version=version) for version in versions]

    ends = await asyncio.gather(
        *(instance.plugins.install(SYSTEM, bundle) for bundle in bundles), return_exceptions=True
    )

    assert sorted(type(end).__name__ for end in ends) == ["AlreadyInstalled", "InstalledPlugin"]
    assert await instance.ask() == "hello"
    assert len(instance.files()) == 2
    await instance.plugins.uninstall(SYSTEM, "acme.test")
    assert await instance.remains() == []


async def test_who_goes_away_while_it_is_installed_leaves_nothing(instance: Instance, pool: Pool) -> None:
    bundle = await make_signed_plugin(pool, "def on_install(self, ctx):\n    ctx.log.info('here')\n    time.sleep(20)")
    installation = asyncio.create_task(instance.plugins.install(SYSTEM, bundle))
    while not await instance.plugins.list(SYSTEM):  # noqa: ASYNC110 - the state is in the database
        await asyncio.sleep(0)

    installation.cancel()

    with pytest.raises(asyncio.CancelledError):
        await installation
    assert await instance.remains() == []


async def test_what_was_done_is_in_the_activity_log(instance: Instance, pool: Pool) -> None:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool))
    await instance.plugins.deactivate(SYSTEM, "acme.test")
    await instance.plugins.activate(SYSTEM, "acme.test")
    await instance.plugins.uninstall(SYSTEM, "acme.test")

    entries = (await ActivityLog(instance.database).list(SYSTEM)).items
    assert [(entry.action, entry.entity_id) for entry in reversed(entries)] == [
        ("keys.trust", make_key().public_key.key_id),
        ("plugins.install", "acme.test"),
        ("plugins.deactivate", "acme.test"),
        ("plugins.activate", "acme.test"),
        ("plugins.uninstall", "acme.test"),
    ]
