"""The installed plugins' table, by the questions that are asked of it, and all that is kept of a plugin elsewhere."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.plugins.states import State
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime import erase


class InstalledPlugins:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_plugin_id(self, plugin_id: str) -> InstalledPlugin | None:
        """The plugin `publisher.name`, whatever its state."""
        return await self._session.scalar(select(InstalledPlugin).where(InstalledPlugin.plugin_id == plugin_id))

    async def named(self) -> Sequence[InstalledPlugin]:
        """All whose bundle was verified, so that they have a name, in the order of their names."""
        query = select(InstalledPlugin).where(InstalledPlugin.plugin_id.is_not(None))
        return (await self._session.scalars(query.order_by(InstalledPlugin.plugin_id))).all()

    async def all(self) -> Sequence[InstalledPlugin]:
        """All, in the order in which they were switched on."""
        query = select(InstalledPlugin).order_by(InstalledPlugin.activated_at, InstalledPlugin.id)
        return (await self._session.scalars(query)).all()

    async def active_signed_with(self, key_id: str) -> Sequence[InstalledPlugin]:
        """The active ones that this key has signed."""
        query = select(InstalledPlugin).where(InstalledPlugin.key_id == key_id, InstalledPlugin.state == State.ACTIVE)
        return (await self._session.scalars(query)).all()

    async def erase(self, row_id: UUID) -> None:
        """Removes the plugin with all that it stored and logged, as far as there is anything of it."""
        # Its name is read here: that of a row in memory may be one it did not get, because another has it.
        row = await self._session.get(InstalledPlugin, row_id)
        if row is None:
            return
        if row.plugin_id is not None:
            await erase(self._session, row.plugin_id)
        await self._session.delete(row)
