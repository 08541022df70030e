"""The installed plugins' table, by the questions that are asked of it, and all that is kept of a plugin elsewhere."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle.manifest import Manifest
from rising_bsm.plugins import snapshots
from rising_bsm.plugins.market.tables import PluginAdvisory, PluginPin, PluginUpdate
from rising_bsm.plugins.relations import Member, check_can_be_active, check_no_cycle, check_not_needed, members
from rising_bsm.plugins.states import State
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import PluginVersion
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
        """Removes the plugin with all that it stored and logged, as far as there is anything of it.

        What it was to leave behind for the next time stays.
        """
        # Its name is read here: that of a row in memory may be one it did not get, because another has it.
        row = await self._session.get(InstalledPlugin, row_id)
        if row is None:
            return
        if row.plugin_id is not None:
            await erase(self._session, row.plugin_id)
            await self._session.execute(delete(PluginVersion).where(PluginVersion.plugin_id == row.plugin_id))
            await snapshots.drop(self._session, row.plugin_id)
            for table in (PluginUpdate, PluginPin, PluginAdvisory):
                await self._session.execute(delete(table).where(table.plugin_id == row.plugin_id))
        await self._session.delete(row)

    async def digests(self) -> set[str]:
        """The SHA-256 of every bundle that is kept."""
        return {
            *(await self._session.scalars(select(InstalledPlugin.digest))),
            *(await self._session.scalars(select(PluginVersion.digest))),
        }


async def check_relations(session: AsyncSession, plugin: InstalledPlugin) -> None:
    """Raises DependencyCycle, DependenciesUnmet or InConflict unless the plugin can be active beside the others.

    Inside a transaction, what it needs stays as it is until that ends.
    """
    one = Member.saying(plugin.manifest_json or {}, str(plugin.plugin_id), active=True)
    await _hold(session, one)
    check_can_be_active(one, members(await InstalledPlugins(session).named()))


async def check_replaced(session: AsyncSession, plugin: InstalledPlugin, manifest: Manifest) -> None:
    """Raises what `check_relations` does, and Needed, unless the plugin can be in the version of this manifest."""
    one = Member.saying(manifest.model_dump(mode="json"), manifest.id, active=plugin.state == State.ACTIVE)
    await _hold(session, one)
    others = members(await InstalledPlugins(session).named())
    (check_can_be_active if one.active else check_no_cycle)(one, others)
    check_not_needed(one.id, one.version, others, inactive=False)


async def _hold(session: AsyncSession, one: Member) -> None:
    if one.needs:
        needed = select(InstalledPlugin.id).where(InstalledPlugin.plugin_id.in_(sorted(one.needs)))
        await session.execute(needed.order_by(InstalledPlugin.plugin_id).with_for_update())
