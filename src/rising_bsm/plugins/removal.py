"""Leaving nothing behind."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from rising_bsm.db import Database
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.store import FileStore
from rising_bsm.plugins.tables import InstalledPlugin


class Remover:
    """Removes what there is of plugins in `database` and in their files."""

    def __init__(self, database: Database, bundles: FileStore, codes: FileStore) -> None:
        self._database = database
        self._bundles = bundles
        self._codes = codes

    async def erase(self, row_id: UUID) -> None:
        """Removes the files of a plugin, then all that the database keeps of it; what is gone already does not matter.

        The row goes last: as long as it is there, it is known that something is left. Raises StoreUnusable.
        """
        async with self._database.reading() as session:
            row = await session.get(InstalledPlugin, row_id)
        if row is not None:
            await asyncio.to_thread(self._bundles.delete, row.digest)
            if row.code_sha256:
                await asyncio.to_thread(self._codes.delete, row.code_sha256)
            async with self._database.transaction() as session:
                await InstalledPlugins(session).erase(row_id)

    async def sweep(self, plugins: Sequence[InstalledPlugin]) -> None:
        """Removes the files that belong to none of the plugins; only before any is installed."""
        await asyncio.to_thread(self._bundles.keep_only, {plugin.digest for plugin in plugins})
        await asyncio.to_thread(self._codes.keep_only, {plugin.code_sha256 or "" for plugin in plugins})
