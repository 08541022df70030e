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
            for files in (self._bundles, self._codes):
                await asyncio.to_thread(files.delete, row.digest)
            async with self._database.transaction() as session:
                await InstalledPlugins(session).erase(row_id)

    async def sweep(self, plugins: Sequence[InstalledPlugin]) -> None:
        """Removes the files that belong to none of the plugins; only before any is installed."""
        for files in (self._bundles, self._codes):
            await asyncio.to_thread(files.keep_only, {plugin.digest for plugin in plugins})
