"""The program is killed at every step of an installation and of an update, and started again."""

import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import Database
from rising_bsm.plugins.market.steps import STEPS, UPDATE_STEPS
from rising_bsm.plugins.market.tables import Acquisition
from rising_bsm.sandbox import Pool
from support.database import open_database
from support.killed import INSTANCE, MARKET, Killer, open_killer
from support.market_place import MarketPlace, Shopper, open_market, open_shopper
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

ID = "acme.test"
PLUGIN = """
def on_install(self, ctx):
    ctx.storage.set("n", 0)

def on_update(self, ctx, from_version):
    ctx.storage.set("from", from_version)

@route("GET", "/")
def version(self, ctx, request):
    return [ctx.plugin.version, ctx.storage.increment("n")]

@route("GET", "/version")
def version_alone(self, ctx, request):
    return ctx.plugin.version
"""
PAID: dict[str, Any] = {"pricing": {"model": "paid", "trial_days": 14}}
WITHIN = ("/instance/activate", "/instance/token", "/instance/redeem", "downloading")
"""Moments within steps: what the marketplace was asked is done there, and the answer lost; half of it is downloaded."""

AGAIN = ("listed", "downloading", "granted", "staged", "activated", "logged")
"""After these it is also tried that everything can be done once more; what is left to differ is the same after all."""


@dataclass(frozen=True)
class Prepared:
    """Folders to begin with: nothing is installed, or version 1.0.0 is; and the key of a licence with one seat."""

    empty: Path
    installed: Path
    key: str


@dataclass(frozen=True)
class Restarted:
    """A marketplace and an instance after a new start."""

    market: MarketPlace
    shopper: Shopper


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    with open_killer() as killer:
        yield killer


@pytest.fixture(scope="module")
async def prepared(pool: Pool, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared")
    empty, installed = folder / "empty", folder / "installed"
    (empty / "instance").mkdir(parents=True)
    for name in (MARKET, INSTANCE):
        async with open_database() as database:
            shutil.copy(str(database.url.database), empty / name)
    async with _restarted(pool, empty) as at:
        await at.market.publish(await make_signed_plugin(pool, PLUGIN, version="1.0.0", **PAID))
        key = await at.market.sell()
    shutil.copytree(empty, installed)
    async with _restarted(pool, installed) as at:
        assert (await at.shopper.install(license_key=key)).problem is None
        await at.shopper.instance.ask()
        await at.market.publish(await make_signed_plugin(pool, PLUGIN, version="1.1.0", **PAID))
    return Prepared(empty, installed, key)


@asynccontextmanager
async def _restarted(pool: Pool, folder: Path) -> AsyncIterator[Restarted]:
    market_database, database = (Database(f"sqlite:///{folder / name}") for name in (MARKET, INSTANCE))
    try:
        async with (
            open_market(market_database, folder / "marketplace") as market,
            open_shopper(pool, database, folder / "instance", market.system) as shopper,
        ):
            yield Restarted(market, shopper)
    finally:
        await database.close()
        await market_database.close()


@pytest.mark.parametrize("moment", [*STEPS, *WITHIN])
async def test_an_installation_that_is_killed_is_finished_by_the_next_start(
    pool: Pool, killer: Killer, prepared: Prepared, tmp_path: Path, moment: str
) -> None:
    folder = shutil.copytree(prepared.empty, tmp_path / "killed")
    assert killer.run(folder, "install", moment, plugin=ID, license_key=prepared.key) == signal.SIGKILL

    async with _restarted(pool, folder) as at:
        answered = await _versions(at.shopper)
        assert answered in ([], ["1.0.0"])
        assert await at.market.seats() in (0, 1)

        await _resume(at.shopper)

        assert await _versions(at.shopper) == ["1.0.0"]
        assert await at.market.seats() == 1
        if moment in AGAIN:
            await _another_attempt(at, prepared.key)


@pytest.mark.parametrize("moment", [*UPDATE_STEPS, *(one for one in WITHIN if one != "/instance/activate")])
async def test_an_update_that_is_killed_is_finished_by_the_next_start(
    pool: Pool, killer: Killer, prepared: Prepared, tmp_path: Path, moment: str
) -> None:
    folder = shutil.copytree(prepared.installed, tmp_path / "killed")
    assert killer.run(folder, "update", moment) == signal.SIGKILL

    async with _restarted(pool, folder) as at:
        assert (await _versions(at.shopper))[0] in ("1.0.0", "1.1.0")

        await _resume(at.shopper)

        assert await _versions(at.shopper) == ["1.1.0"]
        assert await at.market.seats() == 1
        if moment in AGAIN:
            await _back_and_forth(at)


async def test_what_is_killed_again_and_again_is_given_up_and_the_seat_given_back(
    pool: Pool, killer: Killer, prepared: Prepared, tmp_path: Path
) -> None:
    folder = shutil.copytree(prepared.empty, tmp_path / "killed")
    killer.run(folder, "install", "/instance/activate", plugin=ID, license_key=prepared.key)
    async with _restarted(pool, folder) as at:
        assert await at.market.seats() == 1
        [row] = await at.shopper.acquisitions.newest(SYSTEM)
        async with at.shopper.instance.database.transaction() as session:
            (await session.get_one(Acquisition, row.id)).attempts = 3

        await at.shopper.acquisitions.resume()

        [row] = await at.shopper.acquisitions.newest(SYSTEM)
        assert (row.state, (row.problem or {})["code"]) == ("failed", "market.interrupted")
        assert (await _versions(at.shopper), await at.market.seats()) == ([], 0)
        assert (await at.shopper.install(license_key=prepared.key)).state == "done"


async def _versions(shopper: Shopper) -> list[str]:
    """The versions of the plugin that are installed, which answer; and no file belongs to nobody."""
    plugins = await shopper.instance.plugins.list(SYSTEM)
    assert [plugin.state for plugin in plugins] == ["active"] * len(plugins)
    kept = [one.digest for plugin in plugins for one in await shopper.instance.plugins.versions(SYSTEM, ID)]
    known = {plugin.digest for plugin in plugins} | set(kept)
    assert {Path(name).name for name in shopper.instance.files() if name.startswith(("bundles/", "code/"))} <= known
    for plugin in plugins:
        assert await shopper.instance.ask("/version") == plugin.version
    return [str(plugin.version) for plugin in plugins]


async def _resume(shopper: Shopper) -> None:
    await shopper.acquisitions.resume()
    for row in await shopper.acquisitions.newest(SYSTEM):
        ended = await shopper.acquisitions.ended(row.id)
        assert (ended.state, ended.problem) == ("done", None)


async def _back_and_forth(at: Restarted) -> None:
    await at.shopper.instance.plugins.rollback(SYSTEM, ID, keep_data=False)
    assert await at.shopper.instance.ask() == ["1.0.0", 2]
    await at.shopper.side.updates.look()
    again = await at.shopper.acquisitions.ended((await at.shopper.side.updates.apply(SYSTEM, ID)).id)
    assert (again.problem, await _versions(at.shopper)) == (None, ["1.1.0"])


async def _another_attempt(at: Restarted, key: str) -> None:
    await at.shopper.instance.plugins.uninstall(SYSTEM, ID)
    assert await at.market.seats() == 0
    assert (await at.shopper.install(license_key=key)).state == "done"
    assert await at.market.seats() == 1
