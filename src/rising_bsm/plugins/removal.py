"""Leaving nothing behind."""

import asyncio
from uuid import UUID

from sqlalchemy import delete

from rising_bsm.db import Database
from rising_bsm.plugins import snapshots
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.store import FileStore
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import PluginVersion, PluginVersions


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
            others = await PluginVersions(session).of(row.plugin_id) if row and row.plugin_id else ()
            digests = {one.digest for one in others}
        if row is not None:
            for digest in sorted({row.digest, *digests}):
                await self.delete_files(digest)
            async with self._database.transaction() as session:
                await InstalledPlugins(session).erase(row_id)

    async def drop(self, version: PluginVersion) -> None:
        """Removes a version that is not installed, and its files unless the plugin has that bundle as another too.

        Whoever calls it is the only one to change the plugin. Raises StoreUnusable.
        """
        async with self._database.reading() as session:
            kept = [one for one in await PluginVersions(session).of(version.plugin_id) if one.id != version.id]
            installed = await InstalledPlugins(session).by_plugin_id(version.plugin_id)
        in_use = {one.digest for one in kept} | ({installed.digest} if installed else set())
        if version.digest not in in_use:
            await self.delete_files(version.digest)
        async with self._database.transaction() as session:
            await session.execute(delete(PluginVersion).where(PluginVersion.id == version.id))
            await snapshots.drop(session, version.plugin_id, [version.role])

    async def sweep(self) -> None:
        """Removes the files that belong to no plugin, also while other processes install some."""
        for files in (self._bundles, self._codes):
            # In this order: a bundle is known before its file is there.
            found = await asyncio.to_thread(files.files)
            async with self._database.reading() as session:
                known = await InstalledPlugins(session).digests()
            await asyncio.to_thread(files.keep_only, known, found)

    async def delete_files(self, digest: str) -> None:
        """Removes the bundle with this SHA-256, and what was compiled from it. Raises StoreUnusable."""
        for files in (self._bundles, self._codes):
            await asyncio.to_thread(files.delete, digest)
