"""What other processes on the same database do with plugins, this one follows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import select

from rising_bsm.bundle import BundleError
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.plugins.changes import BeingChanged, Changes, nobody_changes
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.removal import Remover
from rising_bsm.plugins.states import SETTLED, State
from rising_bsm.plugins.switch import Switch
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import PluginVersion, PluginVersions, Role

POLL_SECONDS = 0.5

_log = structlog.get_logger("rising_bsm.plugins")


class Follower:
    """Lets in this process answer exactly the plugins that are active, in the versions that are installed."""

    def __init__(self, database: Database, switch: Switch, remover: Remover, changes: Changes) -> None:
        self._database = database
        self._switch = switch
        self._remover = remover
        self._changes = changes

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Inside, looks every half second, if there can be other processes."""
        if self._database.url.get_backend_name() == "sqlite":
            yield
            return
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.look()
                await self.clean_up()
            except Exception as error:  # whatever it is: nobody else would follow
                _log.error("plugins not looked at; tried again", error=str(error))

    async def look(self) -> None:
        """Attaches what is active and not attached as it is now, and detaches the rest."""
        query = select(InstalledPlugin.plugin_id, InstalledPlugin.revision)
        async with self._database.reading() as session:
            rows = (await session.execute(query.where(InstalledPlugin.state == State.ACTIVE))).all()
        active = {str(row.plugin_id): row.revision for row in rows}
        for plugin_id in [*active, *(self._switch.attached.keys() - active.keys())]:
            if not self._changes.is_running(plugin_id) and self._differs(plugin_id, active):
                await self._follow_one(plugin_id)

    def _differs(self, plugin_id: str, active: dict[str, object]) -> bool:
        here = self._switch.attached
        return (plugin_id in here) != (plugin_id in active) or here.get(plugin_id) != active.get(plugin_id)

    async def _follow_one(self, plugin_id: str) -> None:
        async with self._database.reading() as session:
            plugin = await InstalledPlugins(session).by_plugin_id(plugin_id)
        if self._changes.is_running(plugin_id):
            return
        if plugin is None or plugin.state != State.ACTIVE:
            self._switch.detach(plugin_id)
        else:
            self.attach_if_possible(plugin)

    def attach_if_possible(self, plugin: InstalledPlugin) -> None:
        """The plugin answers, unless this host cannot read its manifest, which is logged."""
        try:
            self._switch.attach(plugin)
        except BundleError as error:
            # Not to be told of it twice a second.
            self._switch.attached[str(plugin.plugin_id)] = plugin.revision
            _log.error("plugin not attached", plugin=plugin.plugin_id, error=error.as_dict())

    async def clean_up(self) -> None:
        """Removes what processes that are no more have left half done."""
        unsettled = InstalledPlugin.state.not_in(SETTLED)
        staged = select(PluginVersion.plugin_id).where(PluginVersion.role == Role.STAGED)
        halves = select(InstalledPlugin).where(nobody_changes(), unsettled | InstalledPlugin.plugin_id.in_(staged))
        async with self._database.reading() as session:
            plugins = (await session.scalars(halves)).all()
        for plugin in plugins:
            if plugin.plugin_id is None:
                await self._remover.erase(plugin.id)
            else:
                await self._clean_up(plugin.plugin_id)

    async def _clean_up(self, plugin_id: str) -> None:
        try:
            async with self._changes.alone(plugin_id):
                await self._remove_half(plugin_id)
        except BeingChanged:
            pass
        except Error as error:
            _log.error("not removed; tried again", plugin=plugin_id, error=error.as_dict())

    async def _remove_half(self, plugin_id: str) -> None:
        async with self._database.reading() as session:
            plugin = await InstalledPlugins(session).by_plugin_id(plugin_id)
            staged = await PluginVersions(session).by_role(plugin_id, Role.STAGED)
        if plugin is not None and plugin.state not in SETTLED:
            await self._remover.erase(plugin.id)
        elif staged is not None:
            await self._remover.drop(staged)
