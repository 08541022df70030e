"""What a heartbeat says of the plugins that came from the marketplace; of others it says nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from rising_bsm.db import Database
from rising_bsm.plugins.market.tables import PluginPin
from rising_bsm.plugins.states import SETTLED
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.accounting import Executions


class Reports:
    """Reports of the plugins in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._executions = Executions(database)

    async def __call__(self) -> Sequence[dict[str, Any]]:
        """Each plugin with its version, its state, and its calls and failures within the last day."""
        return [await self._report(plugin) for plugin in await from_marketplace(self._database)]

    async def _report(self, plugin: InstalledPlugin) -> dict[str, Any]:
        day = (await self._executions.usage(str(plugin.plugin_id)))["day"]
        counted = {"calls": day["calls"], "crashes": day["failures"]}
        return {"id": plugin.plugin_id, "version": plugin.version, "state": str(plugin.state)} | counted


async def from_marketplace(database: Database) -> Sequence[InstalledPlugin]:
    """The plugins that came from the marketplace, by name."""
    came = select(PluginPin.plugin_id)
    here = select(InstalledPlugin).where(InstalledPlugin.plugin_id.in_(came), InstalledPlugin.state.in_(SETTLED))
    async with database.reading() as session:
        return (await session.scalars(here.order_by(InstalledPlugin.plugin_id))).all()
