"""For ten minutes after an update the new version must not keep failing; otherwise the old one comes back by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from rising_bsm.accounts import SYSTEM
from rising_bsm.accounts.permissions import Role
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.db import now
from rising_bsm.errors import Error
from rising_bsm.plugins.market.updates import Updates
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.updating import Replaced

WINDOW = timedelta(minutes=10)
_log = structlog.get_logger("rising_bsm.market")


class Health:
    """Looks at plugins whose breakers open soon after an update. `clock` tells the time."""

    def __init__(
        self,
        plugins: Plugins,
        updates: Updates,
        notifications: Notifications,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._plugins = plugins
        self._updates = updates
        self._notifications = notifications
        self._clock = clock

    async def tripped(self, plugin_id: str, entry: str) -> bool:
        """A breaker of the plugin has opened; whether the version before is back because of that."""
        try:
            back = await self._plugins.recover(plugin_id, self._clock() - WINDOW)
        except Error as error:
            _log.error("old version not brought back", plugin=plugin_id, error=error.as_dict())
            return False
        if back is None:
            return False
        await self._tell(back, entry)
        return True

    async def _tell(self, back: Replaced, entry: str) -> None:
        plugin_id, failed, now_here = str(back.plugin.plugin_id), back.from_version, back.plugin.version
        why = f"{plugin_id} {failed} kept failing {entry} soon after the update."
        problem = {"code": "market.rolled_back", "message": why, "place": entry}
        await self._updates.undone(plugin_id, failed, problem)
        message = (
            f"{why} {now_here} is back, with what it had stored and how it was set before the update. "
            f"The log says how it failed: GET /api/plugins/{plugin_id}/log."
        )
        title = f"{plugin_id} is back at {now_here}"[:120]
        draft = NotificationDraft(role=Role.ADMIN, title=title, message=message[:2_000], level="error")
        await self._notifications.send(SYSTEM, draft)
