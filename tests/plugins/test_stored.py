"""Looking into what plugins have stored."""

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from rising_bsm.plugins.stored import PAGE, StoredData
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import Pool
from support.people import make_actor
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio
PLUGIN = "acme.test"


@pytest.fixture
async def stored(instance: Instance, pool: Pool) -> StoredData:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool))
    return StoredData(instance.database, instance.plugins)


async def test_entries_come_in_pages_each_once_and_in_order(instance: Instance, stored: StoredData) -> None:
    storage = Storage(instance.database, PLUGIN)
    keys = [f"visits/{number:03}" for number in range(PAGE + 3)]
    for key in [*keys, "other", "ünïcode/ß"]:
        await storage.set(key, {"key": key})

    first = await stored.page(SYSTEM, PLUGIN, "visits/")
    second = await stored.page(SYSTEM, PLUGIN, "visits/", first.next or "")
    assert [key for page in (first, second) for key, _ in page.entries] == keys
    assert second.next is None
    assert (first.used, first.quota) == (second.used, 10 * 1024 * 1024)
    everything = await stored.page(SYSTEM, PLUGIN)
    assert everything.entries[0][0] == "other"
    assert await stored.value(SYSTEM, PLUGIN, "ünïcode/ß") == {"key": "ünïcode/ß"}


async def test_an_entry_is_deleted_and_who_did_it_is_written_down(instance: Instance, stored: StoredData) -> None:
    await Storage(instance.database, PLUGIN).set("a", 1)
    await stored.delete(SYSTEM, PLUGIN, "a")

    assert (await stored.page(SYSTEM, PLUGIN)).used == 0
    with pytest.raises(NotFound) as nothing:
        await stored.value(SYSTEM, PLUGIN, "a")
    assert nothing.value.code == "storage.not_found"
    with pytest.raises(NotFound):
        await stored.delete(SYSTEM, PLUGIN, "a")
    deeds = await ActivityLog(instance.database).list(SYSTEM)
    assert deeds.items[0].action == "plugins.delete_entry"


@pytest.mark.parametrize("key", ["x" * 513, "a\0b", "\ud800"])
async def test_what_is_no_key_is_refused(stored: StoredData, key: str) -> None:
    for ask in (stored.page, stored.value, stored.delete):
        with pytest.raises(InvalidInput) as wrong:
            await ask(SYSTEM, PLUGIN, key)
        assert wrong.value.code == "storage.invalid"


async def test_only_those_who_manage_plugins_look_into_them(instance: Instance, stored: StoredData) -> None:
    await Storage(instance.database, PLUGIN).set("a", 1)
    nobody = make_actor(permissions=["customers.read"])
    for asking in (stored.page(nobody, PLUGIN), stored.value(nobody, PLUGIN, "a"), stored.delete(nobody, PLUGIN, "a")):
        with pytest.raises(PermissionDenied):
            await asking
    assert await stored.value(SYSTEM, PLUGIN, "a") == 1
