"""Giving back the seats of licences that nothing here needs any more."""

from contextlib import suppress
from uuid import UUID

from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins.licences.errors import NotHeld
from rising_bsm.plugins.licences.held import HeldLicences
from rising_bsm.plugins.market.journal import Journal
from rising_bsm.plugins.market.tables import Acquisition, Progress
from rising_bsm.plugins.market.transport import MarketRefused
from rising_bsm.plugins.queries import InstalledPlugins


class Seats:
    """The seats that this instance has taken."""

    def __init__(self, database: Database, journal: Journal, held: HeldLicences) -> None:
        self._database = database
        self._journal = journal
        self._held = held

    async def give_back(self, row: Acquisition, key: str | None) -> None:
        """What this acquisition has reserved is free again, unless the plugin is needed. Raises MarketUnreachable."""
        if not row.reserved or await self._is_needed(row.plugin_id, but=row.id):
            return
        with suppress(MarketRefused):
            if key is not None and await self._held.find(row.plugin_id) is None:
                # It may have been granted, and the answer lost: asked again, it says which seat that is.
                await self._held.activate(row.plugin_id, key)
            await self.release(row.plugin_id)

    async def release(self, plugin_id: str) -> None:
        """The seat of this plugin is free, if there is one. Raises what the marketplace raises."""
        with suppress(NotHeld):
            await self._held.release(plugin_id)

    async def release_unused(self) -> None:
        """Gives back the seats of plugins that were uninstalled."""
        for row in await self._journal.in_state(Progress.DONE):
            if row.reserved and not await self._is_needed(row.plugin_id):
                with suppress(Error):  # the next time may go better
                    await self.release(row.plugin_id)
                    await self._journal.released(row)

    async def is_installed(self, plugin_id: str) -> bool:
        """Whether there is anything of the plugin here."""
        async with self._database.reading() as session:
            return await InstalledPlugins(session).by_plugin_id(plugin_id) is not None

    async def _is_needed(self, plugin_id: str, but: UUID | None = None) -> bool:
        """Whether the plugin is here, or on its way by another acquisition."""
        others = await self._journal.in_state(Progress.RUNNING, plugin_id)
        return any(one.id != but for one in others) or await self.is_installed(plugin_id)
