"""One change of a plugin at a time, whichever process makes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import Database, now, uuid7
from rising_bsm.errors import Conflict, Error
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.tables import InstalledPlugin

LEASE_SECONDS = 20.0
"""How long a process that has died keeps the others from changing what it was changing."""
RENEWAL_SECONDS = 5.0

_log = structlog.get_logger("rising_bsm.plugins")


class BeingChanged(Conflict):
    """Something else is being done to the plugin at this moment."""

    code = "plugins.being_changed"

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            f"{plugin_id} is being installed, changed or removed at this moment.",
            place=plugin_id,
            next_step="Try again in a moment.",
        )


class Changes:
    """Which plugins are being changed in this process, and that no other process changes them meanwhile."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._me = uuid7()
        self._running: set[str] = set()

    def is_running(self, plugin_id: str) -> bool:
        """Whether this process is changing the plugin now."""
        return plugin_id in self._running

    @asynccontextmanager
    async def alone(self, plugin_id: str) -> AsyncIterator[None]:
        """Nobody else changes the plugin meanwhile; raises BeingChanged if somebody does already."""
        if plugin_id in self._running:
            raise BeingChanged(plugin_id)
        self._running.add(plugin_id)
        try:
            await self._take(plugin_id)
            renewing = asyncio.create_task(self._renew(plugin_id))
            try:
                yield
            finally:
                renewing.cancel()
                await finish(self._give_back(plugin_id))
        finally:
            self._running.remove(plugin_id)

    def claim(self, plugin: InstalledPlugin) -> None:
        """The plugin, which nobody knows yet, is being changed by this process when it is stored."""
        plugin.busy_by, plugin.busy_until = self._me, now() + timedelta(seconds=LEASE_SECONDS)

    async def forget_others(self) -> None:
        """No other process is changing anything: for a database that only this one works on."""
        async with self._database.reading() as session:
            left = await session.scalar(select(InstalledPlugin.id).where(InstalledPlugin.busy_by.is_not(None)).limit(1))
        if left is not None:
            async with self._database.transaction() as session:
                await session.execute(update(InstalledPlugin).values(busy_by=None, busy_until=None))

    async def _take(self, plugin_id: str) -> None:
        mine = InstalledPlugin.plugin_id == plugin_id
        if await self._hold(mine, or_(nobody_changes(), InstalledPlugin.busy_by == self._me)):
            return
        async with self._database.reading() as session:
            if await session.scalar(select(InstalledPlugin.id).where(mine)):
                raise BeingChanged(plugin_id)

    async def _hold(self, *which: ColumnElement[bool]) -> bool:
        until = now() + timedelta(seconds=LEASE_SECONDS)
        taken = update(InstalledPlugin).where(*which).values(busy_by=self._me, busy_until=until)
        async with self._database.transaction() as session:
            return await session.scalar(taken.returning(InstalledPlugin.id)) is not None

    async def _renew(self, plugin_id: str) -> None:
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            with suppress(Error):  # the next time may go better, and the lease lasts for several
                await self._hold(InstalledPlugin.plugin_id == plugin_id, InstalledPlugin.busy_by == self._me)

    async def _give_back(self, plugin_id: str) -> None:
        mine = InstalledPlugin.plugin_id == plugin_id, InstalledPlugin.busy_by == self._me
        try:
            async with self._database.transaction() as session:
                await session.execute(update(InstalledPlugin).where(*mine).values(busy_by=None, busy_until=None))
        except Error as error:
            # Nobody else waits for longer than the lease, and this process not at all.
            _log.warning("plugin not released", plugin=plugin_id, error=error.as_dict())


def nobody_changes() -> ColumnElement[bool]:
    """Of installed plugins, those that no process is changing."""
    return or_(InstalledPlugin.busy_until.is_(None), InstalledPlugin.busy_until <= now())


async def check_held(session: AsyncSession, plugin: InstalledPlugin) -> None:
    """Raises BeingChanged unless whoever was changing the plugin when it was read still is, and until the transaction
    ends.

    A process that stood still for longer than its lease finds here that another has gone on.
    """
    held = select(InstalledPlugin.busy_by).where(InstalledPlugin.id == plugin.id).with_for_update()
    if await session.scalar(held) != plugin.busy_by:
        raise BeingChanged(str(plugin.plugin_id))
