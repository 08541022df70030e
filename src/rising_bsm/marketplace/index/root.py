"""Root keys on their way out of the instance, and back for the day on which they must sign."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import SYSTEM
from rising_bsm.accounts.activity import record
from rising_bsm.bundle import SigningKey
from rising_bsm.db import Database
from rising_bsm.marketplace.index.errors import NotARootKey
from rising_bsm.marketplace.index.keys import IndexKeys, sealed
from rising_bsm.marketplace.index.queries import IndexFiles
from rising_bsm.marketplace.index.roles import Role
from rising_bsm.marketplace.index.service import Index
from rising_bsm.marketplace.index.tables import IndexKey
from rising_bsm.runtime import Cipher


class RootKeys:
    """The private root keys of the index in `database`, for who has the machine. Every method raises KeysUnreadable."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def here(self) -> list[SigningKey]:
        """Those that are in the instance; an index that there is not yet is made."""
        await Index(self._database, self._cipher).start()
        async with self._database.reading() as session:
            keys = IndexKeys(await IndexFiles(session).keys(), self._cipher)
        return keys.opened(row for row in keys.of(Role.ROOT) if row.private_key is not None)

    async def forget(self, keys: Collection[SigningKey]) -> None:
        """These are in the instance no more: whoever asks has stored them elsewhere. Raises NotARootKey."""
        async with self._database.transaction() as session:
            for row in await self._rows(session, keys):
                row.private_key = None
                record(session, SYSTEM, "index.root_away", "index_key", row.key_id, {})

    async def bring_back(self, keys: Collection[SigningKey]) -> None:
        """These are in the instance again. Raises NotARootKey."""
        async with self._database.transaction() as session:
            for row, key in zip(await self._rows(session, keys), keys, strict=True):
                row.private_key = sealed(key, self._cipher)
                record(session, SYSTEM, "index.root_back", "index_key", row.key_id, {})

    async def _rows(self, session: AsyncSession, keys: Collection[SigningKey]) -> list[IndexKey]:
        files = IndexFiles(session)
        await files.lock()
        known = {row.key_id: row for row in IndexKeys(await files.keys(), self._cipher).of(Role.ROOT)}
        for key in keys:
            if key.public_key.key_id not in known:
                raise NotARootKey(
                    "This is not one of the root keys of this instance's index.",
                    place=key.public_key.key_id,
                    next_step="Keys that were replaced since cannot be brought back, and are not needed.",
                )
        return [known[key.public_key.key_id] for key in keys]
