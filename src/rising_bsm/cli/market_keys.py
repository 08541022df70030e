"""The database of this machine's instance, opened for its root keys alone."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import TypeVar

from rising_bsm.bundle import SigningKey
from rising_bsm.db import Database
from rising_bsm.marketplace.index.root import RootKeys
from rising_bsm.runtime import Cipher
from rising_bsm.web.secret import instance_secret
from rising_bsm.web.settings import Settings

Answer = TypeVar("Answer")


def root_keys(data: Path | None) -> list[SigningKey]:
    """Those that are in the instance. Raises SecretUnusable, DatabaseUnavailable, KeysUnreadable."""
    return _with(data, lambda keys: keys.here())


def forget_root_keys(data: Path | None, gone: Collection[SigningKey]) -> None:
    """As `RootKeys.forget`."""
    _with(data, lambda keys: keys.forget(gone))


def bring_root_keys_back(data: Path | None, back: Collection[SigningKey]) -> None:
    """As `RootKeys.bring_back`."""
    _with(data, lambda keys: keys.bring_back(back))


def _with(data: Path | None, ask: Callable[[RootKeys], Awaitable[Answer]]) -> Answer:
    settings = Settings.from_environment(os.environ, data_dir=data)
    cipher = Cipher(instance_secret(settings.data_dir))

    async def asked() -> Answer:
        database = Database(settings.database)
        try:
            await database.migrate()
            return await ask(RootKeys(database, cipher))
        finally:
            await database.close()

    return asyncio.run(asked())
