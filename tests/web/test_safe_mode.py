"""Safe mode: nothing of a plugin runs, nothing of its state changes, and afterwards all is as before."""

from pathlib import Path

import pytest
from sqlalchemy import text

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import Conflict
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.runtime import PLUGIN
from support.web import Instance, a_customer, running

pytestmark = pytest.mark.anyio

METHODS = """
def on_deactivate(self, ctx):
    ctx.storage.set("deactivated", True)

def on_uninstall(self, ctx):
    raise ValueError("never asked")

@route("GET", "/works")
def works(self, ctx, request):
    return 1

@before("customers.create")
def refuse(self, ctx, draft):
    raise Refuse("Nobody is added here.")

@schedule("* * * * *")
def often(self, ctx):
    pass
"""
TABLES = ("installed_plugins", "plugin_schedules", "plugin_storage", "plugin_breakers", "event_deliveries")


async def installed(instance: Instance, pool: Pool) -> None:
    key = {"publisher": "acme", "public_key": str(make_key().public_key)}
    await instance.services.publisher_keys.trust(SYSTEM, key)
    await instance.services.plugins.install(SYSTEM, await make_signed_plugin(pool, METHODS))


async def state(instance: Instance) -> dict[str, str]:
    async with instance.services.database.reading() as session:
        return {table: str((await session.execute(text(f"SELECT * FROM {table}"))).all()) for table in TABLES}


async def adds(instance: Instance) -> int:
    return (await (await instance.program()).post("/api/customers", json=a_customer())).status_code


async def test_nothing_of_a_plugin_runs_and_afterwards_all_is_as_before(pool: Pool, tmp_path: Path) -> None:
    async with running(tmp_path, pool=pool) as instance:
        await installed(instance, pool)
        assert await adds(instance) == 422
        before = await state(instance)

    async with running(tmp_path, pool=pool, safe_mode=True) as instance:
        assert await adds(instance) == 201
        assert list(instance.services.runtime.attached) == []
        answer = await (await instance.program()).get(f"/api/ext/{PLUGIN}/works")
        assert (answer.status_code, answer.json()["code"]) == (404, "plugin.not_active")
        assert await state(instance) == before

    async with running(tmp_path, pool=pool) as instance:
        assert await adds(instance) == 422
        assert (await (await instance.program()).get(f"/api/ext/{PLUGIN}/works")).status_code == 200


async def test_nothing_is_installed_updated_or_switched_on(pool: Pool, tmp_path: Path) -> None:
    async with running(tmp_path, pool=pool) as instance:
        await installed(instance, pool)

    async with running(tmp_path, pool=pool, safe_mode=True) as instance:
        plugins = instance.services.plugins
        other = await make_signed_plugin(pool, name="other")
        newer = await make_signed_plugin(pool, METHODS, version="1.1.0")
        for asking in (
            plugins.install(SYSTEM, other),
            plugins.update(SYSTEM, PLUGIN, newer),
            plugins.activate(SYSTEM, PLUGIN),
        ):
            with pytest.raises(Conflict) as refused:
                await asking
            assert refused.value.code == "plugins.safe_mode"
        assert [plugin.version for plugin in await plugins.list(SYSTEM)] == ["1.0.0"]


async def test_a_plugin_can_be_switched_off_and_removed_without_being_asked(pool: Pool, tmp_path: Path) -> None:
    async with running(tmp_path, pool=pool) as instance:
        await installed(instance, pool)

    async with running(tmp_path, pool=pool, safe_mode=True) as instance:
        services = instance.services
        off: InstalledPlugin = await services.plugins.deactivate(SYSTEM, PLUGIN)
        assert off.state == "inactive"
        assert not (await Storage(services.database, PLUGIN).get("deactivated"))["found"]
        await services.plugins.uninstall(SYSTEM, PLUGIN)
        assert await services.plugins.list(SYSTEM) == []


async def test_the_marketplace_of_the_instance_answers_nevertheless(pool: Pool, tmp_path: Path) -> None:
    async with running(tmp_path, pool=pool, safe_mode=True) as instance:
        ids = [plugin.id for plugin in instance.services.runtime.system.all]
        assert ids == ["rising-bsm.marketplace"]


@pytest.mark.parametrize("safe_mode", [True, False])
async def test_every_page_says_so(pool: Pool, tmp_path: Path, safe_mode: bool) -> None:
    async with running(tmp_path, pool=pool, safe_mode=safe_mode) as instance:
        shown = (await (await instance.browser()).get("/", headers={"Accept": "text/html"})).text
        assert ("Safe mode: no plugin runs." in shown) == safe_mode
