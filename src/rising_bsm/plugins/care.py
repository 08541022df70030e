"""Looking after plugins that are installed: their settings, and the problems that they report."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import func, select

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.validation import wrong_field
from rising_bsm.db import Database
from rising_bsm.errors import Error, NotFound
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime import Runtime
from rising_bsm.runtime.tables import plugin_problems

_log = structlog.get_logger("rising_bsm.plugins")


class PluginCare:
    """Settings and problems of the plugins of one running application.

    Every method raises PermissionDenied unless the actor has `plugins.manage`, and NotFound (`plugins.not_found`).
    """

    def __init__(self, database: Database, runtime: Runtime, plugins: Plugins) -> None:
        self._database = database
        self._runtime = runtime
        self._plugins = plugins

    async def settings(self, actor: Actor, plugin_id: str) -> Sequence[dict[str, Any]]:
        """Every setting with its description and value; of a secret, only whether it is `set`."""
        plugin = await self._plugins.get(actor, plugin_id)
        return await self._runtime.settings_of(plugin_id, plugin.manifest.settings).shown()

    async def change_settings(self, actor: Actor, plugin_id: str, values: object) -> Sequence[dict[str, Any]]:
        """Sets what is named and leaves the others, null to be as if nobody had set it; then the plugin is told.

        That the plugin fails when it is told undoes nothing. Raises SettingsInvalid with every wrong field.
        """
        plugin = await self._plugins.get(actor, plugin_id)
        settings = self._runtime.settings_of(plugin_id, plugin.manifest.settings)
        if not isinstance(values, dict):
            raise wrong_field("body", "This must be an object with settings.", code="settings.invalid_values")
        async with self._database.transaction() as session:
            names = await settings.write(session, values)
            record(session, actor, "plugins.settings", "plugin", plugin_id, {"fields": names})
        try:
            await self._runtime.tell(plugin_id, "on_settings_changed")
        except Error as error:
            _log.warning("plugin failed on its new settings", plugin=plugin_id, error=error.as_dict())
        return await settings.shown()

    async def problems(self, actor: Actor, plugin_id: str) -> Sequence[dict[str, Any]]:
        """What the plugin has reported, the latest first."""
        await self._plugins.get(actor, plugin_id)
        return await self._runtime.problems_of(plugin_id).all()

    async def problem_counts(self, actor: Actor) -> dict[str, int]:
        """How many problems there are of each plugin that has any."""
        actor.require("plugins.manage")
        counted = select(plugin_problems.c.plugin_id, func.count()).group_by(plugin_problems.c.plugin_id)
        async with self._database.reading() as session:
            return {row[0]: row[1] for row in await session.execute(counted)}

    async def clear_problems(self, actor: Actor, plugin_id: str, key: str | None = None) -> None:
        """Removes the problem with this key, or all. Raises NotFound (`problems.not_found`) for a key that is none."""
        await self._plugins.get(actor, plugin_id)
        if not await self._runtime.problems_of(plugin_id).clear(key) and key is not None:
            raise NotFound("The plugin has no problem with this key.", code="problems.not_found", place=key)
