"""The sandbox of this process, and the plugins that run in it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from rising_bsm.db import Database
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.store import FileStore
from rising_bsm.runtime import Runtime
from rising_bsm.sandbox import Pool, PoolSettings
from rising_bsm.sandbox.cache import default_directory, guest_bytes, key_of, open_compiled
from rising_bsm.web.settings import Settings

_log = structlog.get_logger("rising_bsm.web")


@asynccontextmanager
async def open_sandbox(settings: Settings) -> AsyncIterator[Pool]:
    """A running pool; the guest is compiled first where that was not done, which takes about 10 s and is logged.

    Raises GuestError, and JailError when the workers cannot be locked up as strongly as the settings ask.
    """
    guest = await asyncio.to_thread(open_compiled, default_directory(), _log.info)
    try:
        async with Pool(guest, PoolSettings(workers=_workers(settings), minimum=settings.jail_minimum)) as pool:
            yield pool
    finally:
        os.close(guest)


async def open_plugins(settings: Settings, database: Database, runtime: Runtime, pool: Pool) -> Plugins:
    """The plugins whose files are in the data folder; the active ones answer from now on."""
    folder = settings.data_dir / "plugins"
    bundles, codes = FileStore(folder / "bundles"), FileStore(folder / "code")
    guest = await asyncio.to_thread(lambda: key_of(guest_bytes()))
    plugins = Plugins(database, runtime, pool, bundles=bundles, codes=codes, guest=guest)
    await plugins.start()
    return plugins


def _workers(settings: Settings) -> int:
    return settings.workers or os.cpu_count() or 1
