"""The tables of the index, by the questions that are asked of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.index.edition import File
from rising_bsm.marketplace.index.roles import KEPT, Role
from rising_bsm.marketplace.index.tables import IndexFile, IndexKey

_CURRENT = IndexFile.replaced_at.is_(None)


class IndexFiles:
    """In the transaction of `session`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self) -> bool:
        """Whether there is an index; if so, nobody else changes it before the transaction ends."""
        # On PostgreSQL by this row, which never changes; on SQLite a transaction is alone anyway.
        first = select(IndexFile.id).where(IndexFile.role == Role.ROOT, IndexFile.version == 1).with_for_update()
        return await self._session.scalar(first) is not None

    async def current(self, roles: Collection[str]) -> dict[str, bytes]:
        """The newest file of each of these roles that has one."""
        query = select(IndexFile.role, IndexFile.data).where(_CURRENT, IndexFile.role.in_(roles))
        return {row.role: row.data for row in await self._session.execute(query)}

    async def newest(self) -> list[IndexFile]:
        """The newest file of every role, without its bytes."""
        columns = (IndexFile.role, IndexFile.version, IndexFile.expires_at)
        rows = await self._session.execute(select(*columns).where(_CURRENT).order_by(IndexFile.role))
        return [IndexFile(role=row.role, version=row.version, expires_at=row.expires_at) for row in rows]

    async def timestamp(self) -> tuple[bytes, datetime]:
        """The newest timestamp, and when it is over."""
        query = select(IndexFile.data, IndexFile.expires_at).where(_CURRENT, IndexFile.role == Role.TIMESTAMP)
        row = (await self._session.execute(query)).one()
        return row.data, row.expires_at

    async def version(self, role: str, version: int) -> bytes | None:
        """The file of the role in this version."""
        query = select(IndexFile.data).where(IndexFile.role == role, IndexFile.version == version)
        return await self._session.scalar(query)

    async def begin(self, files: Iterable[File]) -> None:
        """The very first ones. Raises IntegrityError if there are some already."""
        # Nothing but insertions: whoever is late must not touch what the first has just stored.
        self._session.add_all([_row(file) for file in files])
        await self._session.flush()

    async def add(self, files: Sequence[File], moment: datetime) -> None:
        """These take the places of those before."""
        replaced = update(IndexFile).where(_CURRENT, IndexFile.role.in_([file.role for file in files]))
        await self._session.execute(replaced.values(replaced_at=moment))
        self._session.add_all([_row(file) for file in files])
        await self._session.flush()

    async def forget(self, moment: datetime) -> None:
        """Removes files that nobody asks for any more; roots stay, for clients that were away for years."""
        old = (IndexFile.replaced_at < moment - KEPT) | (_CURRENT.is_(False) & (IndexFile.role == Role.TIMESTAMP))
        await self._session.execute(delete(IndexFile).where(old, IndexFile.role != Role.ROOT))

    async def keys(self) -> list[IndexKey]:
        """Every key that there ever was, the oldest first."""
        return list((await self._session.scalars(select(IndexKey).order_by(IndexKey.id))).all())


def _row(file: File) -> IndexFile:
    return IndexFile(role=file.role, version=file.version, data=file.data, expires_at=file.expires_at)
