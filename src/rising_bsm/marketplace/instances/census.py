"""How many instances use a plugin, which versions, and how it does there: counted, never added up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import Database, now
from rising_bsm.marketplace.instances.days import write_day
from rising_bsm.marketplace.instances.queries import SILENCE, InstallQueries, InstanceQueries
from rising_bsm.marketplace.instances.schema import ReportedPlugin
from rising_bsm.marketplace.instances.tables import LiveInstall

FORGOTTEN_AFTER = timedelta(days=90)
"""When an instance that has no licence and has reviewed nothing is not known any more."""

RECOUNTED_EVERY = timedelta(hours=1)
_AT_ONCE = 500


class InstanceCensus:
    """The live installs of all plugins, free ones too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted_at: datetime | None = None

    async def of(self, plugin_id: str) -> dict[str, Any]:
        """What is known of a plugin's live installs: `installs`, `versions` (each with how many), and `crash_free`.

        The last is the part of the calls of the last day that did not crash, from 0 to 1; None without any calls.
        """
        moment = now()
        async with self._database.reading() as session:
            queries = InstallQueries(session)
            versions = await queries.versions(plugin_id, moment)
            calls, crashes = await queries.calls_and_crashes(plugin_id, moment)
        crash_free = round(1 - crashes / calls, 4) if calls else None
        return {"installs": sum(versions.values()), "versions": versions, "crash_free": crash_free}

    async def tell(self, instance_id: UUID, plugins: Sequence[ReportedPlugin], *, partial: bool = False) -> None:
        """This is what the instance runs now, and nothing else unless it is `partial`.

        What is not of the catalogue is not written down.
        """
        moment = now()
        async with self._database.transaction() as session:
            await InstanceQueries(session).lock(instance_id)
            installs = InstallQueries(session)
            known = await installs.known_versions({plugin.id for plugin in plugins})
            reported = {plugin.id: plugin for plugin in plugins if (plugin.id, plugin.version) in known}
            there = {install.plugin_id: install for install in await installs.of_instance(instance_id)}
            gone = set() if partial else there.keys() - reported.keys()
            changed = set(gone)
            changed |= {one for one in reported if one not in there or there[one].seen_at <= moment - SILENCE}
            for plugin_id in gone:
                await session.delete(there[plugin_id])
            _write(session, instance_id, reported, there)
            if changed:
                await session.flush()
                await installs.recount(changed, moment)

    async def recount_when_due(self) -> None:
        """As `recount`, once an hour in this process."""
        moment = now()
        if self._counted_at is None or abs(moment - self._counted_at) >= RECOUNTED_EVERY:
            self._counted_at = moment
            await self.recount()

    async def recount(self) -> None:
        """Instances that fell silent do not count any more, and some are forgotten; what is left is that of the day."""
        async with self._database.reading() as session:
            counted = await InstallQueries(session).counted()
        for start in range(0, len(counted), _AT_ONCE):
            async with self._database.transaction() as session:
                await InstallQueries(session).recount(counted[start : start + _AT_ONCE], now())
        async with self._database.transaction() as session:
            await InstanceQueries(session).forget(now() - FORGOTTEN_AFTER, _AT_ONCE)
            await write_day(session)


def _write(
    session: AsyncSession, instance_id: UUID, reported: dict[str, ReportedPlugin], there: dict[str, LiveInstall]
) -> None:
    for plugin_id, plugin in reported.items():
        install = there.get(plugin_id) or LiveInstall(instance_id=instance_id, plugin_id=plugin_id)
        session.add(install)
        install.version, install.state, install.seen_at = plugin.version, plugin.state, now()
        install.calls, install.crashes = plugin.calls, min(plugin.crashes, plugin.calls)
