"""What is on disk is checked again each time before it runs."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins.store import FileChanged
from rising_bsm.runtime.errors import PluginUnusable
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.people import make_customer
from support.plugins import Instance, make_signed_plugin, open_plugins

pytestmark = pytest.mark.anyio

PLUGIN = """
@route("GET", "/")
def count(self, ctx, request):
    return ctx.storage.increment("n")

@before("customers.create")
def look(self, ctx, draft):
    return draft | {"city": "seen"}
"""


@pytest.fixture
async def installed(instance: Instance, pool: Pool) -> Instance:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, PLUGIN))
    assert await instance.ask() == 1
    return instance


@pytest.fixture
async def database(instance: Instance) -> AsyncIterator[Database]:
    """The same database, opened anew."""
    database = Database(str(instance.database.url))
    yield database
    await database.close()


async def test_an_active_plugin_answers_again(installed: Instance, pool: Pool, database: Database) -> None:
    async with open_plugins(pool, database, installed.folder) as restarted:
        assert await restarted.ask() == 2
        assert (await make_customer(database, hooks=restarted.hooks)).city == "seen"


async def test_starting_runs_nothing_and_reads_no_bundle(installed: Instance, pool: Pool, database: Database) -> None:
    for path in installed.folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"not to be read")

    async with open_plugins(pool, database, installed.folder) as restarted:
        assert await restarted.state() == "active"


async def test_an_inactive_plugin_stays_so(installed: Instance, pool: Pool, database: Database) -> None:
    await installed.plugins.deactivate(SYSTEM, "acme.test")

    async with open_plugins(pool, database, installed.folder) as restarted:
        assert await _refusal(restarted) == "plugin.not_active"
        await restarted.plugins.activate(SYSTEM, "acme.test")
        assert await restarted.ask() == 2


async def test_hooks_run_in_the_order_of_the_names_of_plugins_whenever_they_were_switched_on(
    instance: Instance, pool: Pool, database: Database
) -> None:
    for name in ("one", "two", "three"):
        hook = f"""
        @before("customers.create")
        def look(self, ctx, draft):
            return draft | {{"city": draft["city"] + "{name} "}}
        """
        await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, hook, name=name))
    await instance.plugins.deactivate(SYSTEM, "acme.one")
    await instance.plugins.activate(SYSTEM, "acme.one")

    async with open_plugins(pool, database, instance.folder) as restarted:
        for hooks in (instance.hooks, restarted.hooks):
            draft = await hooks.run_before("customers.create", {"city": ""}, None, SYSTEM)
            assert draft["city"] == "one three two "


@pytest.mark.parametrize("at", [0, 40, -1])
async def test_a_bundle_that_was_changed_on_disk_does_not_run(
    installed: Instance, pool: Pool, database: Database, at: int
) -> None:
    _change(_file(installed, "bundles"), at)

    async with open_plugins(pool, database, installed.folder) as restarted:
        assert await _refusal(restarted) == "plugins.file_changed"
        [plugin] = await restarted.plugins.list(SYSTEM)
        told = plugin.as_dict()
        assert (told["state"], told["problem"]["code"]) == ("failing", "plugins.file_changed")


async def test_a_bundle_that_is_gone_does_not_run_from_what_was_compiled(
    installed: Instance, pool: Pool, database: Database
) -> None:
    _file(installed, "bundles").unlink()

    async with open_plugins(pool, database, installed.folder) as restarted:
        assert await _refusal(restarted) == "plugins.file_lost"
        assert await restarted.state() == "failing"


async def test_what_a_failing_plugin_guards_stays_guarded(installed: Instance, pool: Pool, database: Database) -> None:
    _file(installed, "bundles").unlink()

    async with open_plugins(pool, database, installed.folder) as restarted:
        with pytest.raises(Error) as refusal:
            await make_customer(database, hooks=restarted.hooks)
        assert (type(refusal.value), refusal.value.code) == (PluginUnusable, "plugins.file_lost")
        assert "acme.test" in refusal.value.message
        await restarted.plugins.deactivate(SYSTEM, "acme.test")
        await make_customer(database, hooks=restarted.hooks)


async def test_a_plugin_whose_trouble_is_over_runs_again(installed: Instance, pool: Pool, database: Database) -> None:
    file = _file(installed, "bundles")
    kept = file.read_bytes()
    _change(file, 40)

    async with open_plugins(pool, database, installed.folder) as restarted:
        await _refusal(restarted)
        file.write_bytes(kept)

        assert await restarted.ask() == 2
        assert await restarted.state() == "active"


async def test_a_failing_plugin_is_tried_anew_by_switching_it_on(
    installed: Instance, pool: Pool, database: Database
) -> None:
    file = _file(installed, "bundles")
    kept = file.read_bytes()
    _change(file, 40)

    async with open_plugins(pool, database, installed.folder) as restarted:
        await _refusal(restarted)
        with pytest.raises(FileChanged):
            await restarted.plugins.activate(SYSTEM, "acme.test")
        file.write_bytes(kept)
        told = (await restarted.plugins.activate(SYSTEM, "acme.test")).as_dict()

        assert (told["state"], told["problem"]) == ("active", None)
        assert await restarted.ask() == 2


async def test_distrusting_a_key_stops_what_it_signed_at_once(installed: Instance) -> None:
    await installed.keys.distrust(SYSTEM, make_key().public_key.key_id)

    assert await installed.state() == "failing"
    assert await _refusal(installed) == "bundle.untrusted_key"
    with pytest.raises(Error) as refusal:
        await make_customer(installed.database, hooks=installed.hooks)
    assert refusal.value.code == "bundle.untrusted_key"

    await installed.trust("acme")
    assert await installed.state() == "active"
    assert await installed.ask() == 2


async def test_a_distrusted_key_stops_it_after_a_restart_too(
    installed: Instance, pool: Pool, database: Database
) -> None:
    await installed.keys.distrust(SYSTEM, make_key().public_key.key_id)

    async with open_plugins(pool, database, installed.folder) as restarted:
        assert await _refusal(restarted) == "bundle.untrusted_key"


async def test_a_plugin_of_a_distrusted_key_can_be_removed(installed: Instance) -> None:
    await installed.keys.distrust(SYSTEM, make_key().public_key.key_id)

    await installed.plugins.uninstall(SYSTEM, "acme.test")

    assert await installed.remains() == []


async def test_compiled_code_is_used_again(installed: Instance, pool: Pool, database: Database) -> None:
    before = _file(installed, "code").stat()

    async with open_plugins(pool, database, installed.folder) as restarted:
        await restarted.ask()

    assert _file(installed, "code").stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("damage", ["gone", "changed", "replaced"])
async def test_compiled_code_that_is_not_sound_is_compiled_anew(
    installed: Instance, pool: Pool, database: Database, damage: str
) -> None:
    file = _file(installed, "code")
    sound = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "changed":
        _change(file, 200)
    else:
        # Whoever can write there could otherwise let a plugin run code that nobody has signed.
        other = (await pool.compile({"test_plugin.py": FORGED}, "test_plugin:Main")).payload
        file.write_bytes(json.dumps(_with_payload(json.loads(sound), other)).encode())

    async with open_plugins(pool, database, installed.folder) as restarted:
        assert await restarted.ask() == 2

    assert file.read_bytes() == sound


async def test_code_of_another_guest_is_compiled_anew(installed: Instance, pool: Pool, database: Database) -> None:
    async with open_plugins(pool, database, installed.folder, guest="a newer guest") as restarted:
        assert await restarted.ask() == 2

    assert json.loads(_file(installed, "code").read_bytes())["guest"] == "a newer guest"
    assert len(installed.files()) == 2


async def test_files_of_no_plugin_are_removed_at_the_start(installed: Instance, pool: Pool, database: Database) -> None:
    before = installed.files()
    for folder in ("bundles", "code"):
        (installed.folder / folder / ("0" * 64)).touch()
        (installed.folder / folder / ".new-x").touch()

    async with open_plugins(pool, database, installed.folder) as restarted:
        assert restarted.files() == before


FORGED = b"""
from rising_bsm_sdk import Plugin

class Main(Plugin):
    def count(self, ctx, request):
        return "forged"
"""


def _with_payload(compiled: dict[str, Any], payload: str) -> dict[str, Any]:
    return compiled | {"code": compiled["code"] | {"payload": payload, "digest": "0" * 64}}


async def _refusal(instance: Instance) -> str:
    with pytest.raises(Error) as refusal:
        await instance.ask()
    assert refusal.value.next_step
    return refusal.value.code


def _file(instance: Instance, folder: str) -> Path:
    [path] = (instance.folder / folder).iterdir()
    return path


def _change(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
