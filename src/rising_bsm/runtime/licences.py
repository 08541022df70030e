"""Plugins that cost something: whether one may run now, and with which rights."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from rising_bsm.errors import Error, PermissionDenied
from rising_bsm.licensing import LicenceState, Licensed, Standing
from rising_bsm.runtime.plugin import ActivePlugin

_log = structlog.get_logger("rising_bsm.licences")

FindLicence = Callable[[str], Awaitable[Licensed | None]]
_READ = ".read"


class LicenceStopped(PermissionDenied):
    """The plugin costs something, and there is no licence with which it may run; `place` is the plugin."""

    code = "license.stopped"

    def __init__(self, plugin_id: str, standing: Standing | None) -> None:
        why = standing.sentence if standing else f"There is no licence for {plugin_id}: it does nothing without one."
        super().__init__(
            why,
            place=plugin_id,
            next_step=f"An administrator can activate a licence: `rising-bsm license activate {plugin_id} KEY`.",
        )


async def _none(_plugin_id: str) -> Licensed | None:
    return None


class Licences:
    """The licences of the plugins that run; `find` gives that of one, and is asked before every call of a paid one."""

    def __init__(self) -> None:
        self.find: FindLicence = _none

    async def allowed(self, plugin: ActivePlugin) -> ActivePlugin:
        """The plugin with the rights that its licence leaves it. Raises LicenceStopped, and what `find` raises.

        A restricted one may only read what is here.
        """
        if not plugin.paid:
            return plugin
        licensed = await self.find(plugin.id)
        if licensed is None or licensed.standing.state is LicenceState.STOPPED:
            raise LicenceStopped(plugin.id, licensed.standing if licensed else None)
        if licensed.standing.runs:
            return plugin
        readable = frozenset(code for code in plugin.grants if code.endswith(_READ))
        return replace(plugin, grants=readable, network=())

    async def take_part(self, plugin: ActivePlugin) -> bool:
        """Whether the plugin has a say in what people write here; trouble with its licence never stands in their way.

        One that may only read has none: what it cannot do any more would be their problem.
        """
        if not plugin.paid:
            return True
        try:
            licensed = await self.find(plugin.id)
        except Error as error:
            _log.error("a licence was not found out", plugin=plugin.id, error=error.as_dict())
            return False
        return licensed is not None and licensed.standing.runs
