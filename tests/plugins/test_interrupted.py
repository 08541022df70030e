"""Every step of every change is made to fail: once, and for good as when the program is killed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import Error, NotFound
from rising_bsm.plugins.installing import AlreadyInstalled
from rising_bsm.sandbox import Pool
from support.database import open_database
from support.interrupted import Fate, FatefulDatabase, fateful_store
from support.plugins import Instance, make_signed_plugin, open_plugins

pytestmark = pytest.mark.anyio

PLUGIN = """
def on_install(self, ctx):
    ctx.storage.set("installed", True)
    ctx.log.info("installing")

def on_activate(self, ctx):
    ctx.storage.increment("activated")

def on_deactivate(self, ctx):
    ctx.storage.increment("deactivated")

def on_uninstall(self, ctx):
    ctx.storage.set("uninstalled", True)
    ctx.log.info("uninstalling")

@before("customers.create")
def look(self, ctx, draft):
    return draft | {"city": "Seen"}

@route("GET", "/")
def hello(self, ctx, request):
    return ctx.storage.get("installed")

@route("GET", "/version")
def version(self, ctx, request):
    return ctx.plugin.version
"""
Change = Callable[[Instance, bytes], Awaitable[object]]


async def install(instance: Instance, bundle: bytes) -> None:
    await instance.plugins.install(SYSTEM, bundle)


async def uninstall(instance: Instance, _bundle: bytes) -> None:
    await instance.plugins.uninstall(SYSTEM, "acme.test")


async def activate(instance: Instance, _bundle: bytes) -> None:
    await instance.plugins.activate(SYSTEM, "acme.test")


async def deactivate(instance: Instance, _bundle: bytes) -> None:
    await instance.plugins.deactivate(SYSTEM, "acme.test")


async def update(instance: Instance, bundle: bytes) -> None:
    await instance.plugins.update(SYSTEM, "acme.test", bundle)


async def rollback(instance: Instance, _bundle: bytes) -> None:
    await instance.plugins.rollback(SYSTEM, "acme.test")


async def _is_whole(instance: Instance, files: int = 2) -> bool:
    """Whether the plugin answers and takes part in hooks; never one without the other."""
    seen = await instance.hooks.run_before("customers.create", {}, None, SYSTEM) == {"city": "Seen"}
    try:
        assert await instance.ask() is True
    except NotFound:
        assert not seen
        return False
    assert seen
    assert len(instance.files()) == files
    return True


async def _answering(instance: Instance) -> object:
    """The version that answers."""
    return await instance.ask("/version")


async def _is_gone(instance: Instance) -> bool:
    return await instance.remains() == [] and not await _is_whole(instance)


async def test_an_installation_fails_without_a_trace(pool: Pool, tmp_path: Path) -> None:
    async def check(instance: Instance, bundle: bytes, failed: bool) -> None:
        assert await (_is_gone(instance) if failed else _is_whole(instance))

    await _at_each_step(check, pool, tmp_path, before=[], change=install)


async def test_an_installation_that_is_cut_off_is_gone_after_the_next_start(pool: Pool, tmp_path: Path) -> None:
    async def check(instance: Instance, bundle: bytes, failed: bool) -> None:
        if failed:
            assert await _is_gone(instance)
            await install(instance, bundle)
        assert await _is_whole(instance)

    await _at_each_step(check, pool, tmp_path, before=[], change=install, crash=True)


async def test_an_installation_that_cannot_even_be_undone_can_be_removed_without_a_restart(
    pool: Pool, tmp_path: Path
) -> None:
    bundle = await make_signed_plugin(pool, PLUGIN)
    fate = Fate(at=6, for_good=True)
    async with _prepared(pool, tmp_path, bundle, []) as url, _opened(pool, tmp_path, url, fate) as instance:
        with pytest.raises(Error):
            await install(instance, bundle)
        fate.at = 0
        assert await instance.state() == "verified"
        with pytest.raises(AlreadyInstalled):
            await install(instance, bundle)

        await uninstall(instance, bundle)

        assert await _is_gone(instance)
        await install(instance, bundle)
        assert await _is_whole(instance)


async def test_a_removal_that_fails_can_be_repeated(pool: Pool, tmp_path: Path) -> None:
    async def check(instance: Instance, bundle: bytes, failed: bool) -> None:
        if not await _is_gone(instance):
            assert await instance.state() == ("active" if await _is_whole(instance) else "removing")
            await uninstall(instance, bundle)
        assert await _is_gone(instance)

    await _at_each_step(check, pool, tmp_path, before=[install], change=uninstall)


async def test_a_removal_that_is_cut_off_is_finished_by_the_next_start_if_it_was_begun(
    pool: Pool, tmp_path: Path
) -> None:
    ends = []

    async def check(instance: Instance, bundle: bytes, failed: bool) -> None:
        ends.append(await _is_gone(instance))
        assert ends[-1] or await _is_whole(instance)

    await _at_each_step(check, pool, tmp_path, before=[install], change=uninstall, crash=True)
    assert (ends[0], ends[-1], sorted(ends)) == (False, True, ends), "once it was begun it is always finished"


@pytest.mark.parametrize(("before", "change"), [([install], deactivate), ([install, deactivate], activate)])
@pytest.mark.parametrize("crash", [False, True])
async def test_a_plugin_is_on_or_off(
    pool: Pool, tmp_path: Path, before: Sequence[Change], change: Change, crash: bool
) -> None:
    async def check(instance: Instance, bundle: bytes, failed: bool) -> None:
        assert await _is_whole(instance) == (await instance.state() == "active")
        await change(instance, bundle)
        assert await _is_whole(instance) == (change is activate)

    await _at_each_step(check, pool, tmp_path, before=before, change=change, crash=crash)


NEXT = (
    PLUGIN
    + """
def on_update(self, ctx, from_version):
    ctx.storage.set("updated", True)
"""
)


@pytest.mark.parametrize("crash", [False, True])
async def test_it_is_the_old_version_or_the_new_one(pool: Pool, tmp_path: Path, crash: bool) -> None:
    next_bundle = await make_signed_plugin(pool, NEXT, version="1.1.0")

    async def change(instance: Instance, _bundle: bytes) -> None:
        await update(instance, next_bundle)

    async def check(instance: Instance, bundle: bytes, failed: bool) -> None:
        version = (await instance.plugins.get(SYSTEM, "acme.test")).version
        assert version == ("1.0.0" if failed else "1.1.0")
        assert await _answering(instance) == version
        assert await _is_whole(instance, files=4 if version == "1.1.0" else 2)
        if version == "1.0.0":
            await change(instance, bundle)
        assert await _answering(instance) == "1.1.0"
        assert await _is_whole(instance, files=4)

    await _at_each_step(check, pool, tmp_path, before=[install], change=change, crash=crash)


@pytest.mark.parametrize("crash", [False, True])
async def test_it_is_the_new_version_or_again_the_old_one(pool: Pool, tmp_path: Path, crash: bool) -> None:
    next_bundle = await make_signed_plugin(pool, NEXT, version="1.1.0")

    async def updated(instance: Instance, _bundle: bytes) -> None:
        await update(instance, next_bundle)

    async def check(instance: Instance, bundle: bytes, failed: bool) -> None:
        version = (await instance.plugins.get(SYSTEM, "acme.test")).version
        assert version == ("1.1.0" if failed else "1.0.0")
        assert await _answering(instance) == version
        assert await _is_whole(instance, files=4)

    await _at_each_step(check, pool, tmp_path, before=[install, updated], change=rollback, crash=crash)


async def _at_each_step(
    check: Callable[[Instance, bytes, bool], Awaitable[None]],
    pool: Pool,
    folder: Path,
    *,
    before: Sequence[Change],
    change: Change,
    crash: bool = False,
) -> None:
    """Runs the change with its first step failing, then its second and so on, at last with none, and checks each.

    After a crash, what is checked is a new instance on what was left, half-written files included.
    """
    bundle = await make_signed_plugin(pool, PLUGIN)
    for at in count(1):
        place, fate = folder / str(at), Fate(at, for_good=crash)
        async with _prepared(pool, place, bundle, before) as url, _opened(pool, place, url, fate) as instance:
            failed = False
            try:
                await change(instance, bundle)
            except Error:
                failed = True
            struck = fate.has_struck
            if crash:
                (place / "code" / ".new-half-written").touch()
                async with _opened(pool, place, url, Fate()) as next_instance:
                    await check(next_instance, bundle, failed)
            else:
                fate.at = 0
                await check(instance, bundle, failed)
        if not struck:
            break
    assert at > 2, "there was more than one step"


@asynccontextmanager
async def _prepared(pool: Pool, place: Path, bundle: bytes, changes: Sequence[Change]) -> AsyncIterator[str]:
    """The URL of a database after the changes; the files are in `place`."""
    (place / "code").mkdir(parents=True)
    async with open_database() as database:
        async with open_plugins(pool, database, place) as instance:
            await instance.trust("acme")
            for change in changes:
                await change(instance, bundle)
        yield str(database.url)


@asynccontextmanager
async def _opened(pool: Pool, place: Path, url: str, fate: Fate) -> AsyncIterator[Instance]:
    database = FatefulDatabase(url, fate)
    try:
        async with open_plugins(pool, database, place, stores=fateful_store(fate)) as instance:
            yield instance
    finally:
        await database.close()
