"""From what is on disk to code that may run: nothing of it is believed before it is checked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle import TrustedKey, VerifiedBundle, open_bundle
from rising_bsm.bundle.layout import UI
from rising_bsm.db import Database
from rising_bsm.errors import Busy, Error, NotFound
from rising_bsm.plugins.admission import check_host
from rising_bsm.plugins.keys import TrustedKeys
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.store import FileChanged, FileLost, FileStore
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import PluginVersion, PluginVersions
from rising_bsm.runtime import compile_bundle
from rising_bsm.sandbox import PluginCode, Pool

_Version: TypeAlias = InstalledPlugin | PluginVersion


@dataclass(frozen=True)
class _Compiled:
    """A file of compiled code: whose it is, which guest compiled it, and the code."""

    bundle: str
    guest: str
    code: PluginCode


class Loader:
    """Loads installed plugins for the sandbox; compiled code is kept in `codes`, and used for the guest that made it.

    `guest` names the guest and engine (`sandbox.cache.key_of`).
    """

    def __init__(self, database: Database, pool: Pool, bundles: FileStore, codes: FileStore, guest: str) -> None:
        self._database = database
        self._pool = pool
        self._bundles = bundles
        self._codes = codes
        self._guest = guest

    async def load(self, plugin_id: str, digest: str) -> PluginCode:
        """The code of the version of a plugin whose bundle has this SHA-256, be it installed or kept beside that one,
        if the bundle is whole, signed with a key that is trusted now, and made for this host. Why it is not is kept as
        the problem of the plugin that is installed until it loads again.

        Raises BundleError, FileLost, FileChanged, WrongHost, what compiling raises, NotFound.
        """
        row, keys = await self._row(plugin_id, digest)
        try:
            code = await self._code(row, await asyncio.to_thread(self._verified, row, keys))
        except Busy:
            raise
        except Error as error:
            await self._note(row, error)
            raise
        if isinstance(row, InstalledPlugin) and row.problem:
            await self._note(row, None)
        return code

    async def ui_files(self, plugin_id: str, digest: str) -> Mapping[str, bytes]:
        """The files below `ui/` of that version, by their paths there, checked as the code is.

        Raises BundleError, FileLost, FileChanged, WrongHost, NotFound.
        """
        row, keys = await self._row(plugin_id, digest)
        bundle = await asyncio.to_thread(self._verified, row, keys)
        return {name.removeprefix(UI): data for name, data in bundle.files.items() if name.startswith(UI)}

    async def _row(self, plugin_id: str, digest: str) -> tuple[_Version, list[TrustedKey]]:
        async with self._database.reading() as session:
            row = await _find(session, plugin_id, digest)
            keys = await TrustedKeys(session).trusted()
        if row is None:
            raise NotFound(f"This version of {plugin_id} is not installed.", code="plugins.not_found", place=plugin_id)
        return row, keys

    def _verified(self, row: _Version, keys: list[TrustedKey]) -> VerifiedBundle:
        bundle = open_bundle(self._bundles.get(row.digest, row.digest), keys)
        check_host(bundle.manifest)
        return bundle

    async def _code(self, row: _Version, bundle: VerifiedBundle) -> PluginCode:
        compiled = await asyncio.to_thread(self._compiled, row)
        if compiled is not None:
            return compiled
        code = await compile_bundle(self._pool, bundle)
        await self._keep(row, code)
        return code

    def _compiled(self, row: _Version) -> PluginCode | None:
        """What was compiled from the bundle before; None if there is none, or it is not sound, or another guest's."""
        if row.code_sha256 is None:
            return None
        try:
            found = msgspec.json.decode(self._codes.get(row.digest, row.code_sha256), type=_Compiled)
        except (FileLost, FileChanged, msgspec.DecodeError):
            return None
        return found.code if (found.bundle, found.guest) == (row.digest, self._guest) else None

    async def _keep(self, row: _Version, code: PluginCode) -> None:
        digest = await asyncio.to_thread(self._put, _Compiled(row.digest, self._guest, code))
        if not await self._write(row, code_sha256=digest):
            # It was removed meanwhile, or is kept as something else; then it is compiled again when it is needed.
            await asyncio.to_thread(self._codes.delete, row.digest)

    def _put(self, compiled: _Compiled) -> str:
        return self._codes.put(compiled.bundle, msgspec.json.encode(compiled))

    async def _note(self, row: _Version, error: Error | None) -> None:
        if isinstance(row, InstalledPlugin):
            await self._write(row, problem=error.as_dict() if error else None)

    async def _write(self, row: _Version, **values: Any) -> bool:
        # The row may be another version by now.
        table = type(row)
        statement = update(table).where(table.id == row.id, table.digest == row.digest).values(values)
        async with self._database.transaction() as session:
            return bool((await session.execute(statement.returning(table.id))).first())


async def _find(session: AsyncSession, plugin_id: str, digest: str) -> _Version | None:
    row = await InstalledPlugins(session).by_plugin_id(plugin_id)
    if row is not None and row.digest == digest:
        return row
    return await PluginVersions(session).by_digest(plugin_id, digest)
