"""The door's keeper: what becomes of one host call of a plugin."""

from collections.abc import Collection
from contextvars import ContextVar
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.errors import InvalidInput, NotFound
from rising_bsm.runtime.errors import PluginsTooDeep
from rising_bsm.runtime.host_api import HOST_API
from rising_bsm.runtime.services import HostServices
from rising_bsm.runtime.text import visible

DEPTH: ContextVar[int] = ContextVar("rising_bsm_plugin_depth", default=0)
"""How many plugins wait for what is being done now."""

_FUNCTIONS = {function.name: function for function in HOST_API}


class Host:
    """Answers the host calls of one call of a plugin, on behalf of `actor` and within the plugin's grants.

    `too_deep` is what a host call met with when it set off more plugins than may wait for each other.
    """

    def __init__(self, plugin_id: str, grants: Collection[str], actor: Actor, services: HostServices) -> None:
        self.too_deep: PluginsTooDeep | None = None
        self._actor = actor.limited_to(plugin_id, grants)
        self._services = services

    async def __call__(self, name: str, payload: Any) -> Any:
        """What the function answers, as JSON.

        Raises NotFound (`host.unknown`), PermissionDenied (`permission.denied`), InvalidInput (`host.invalid`), and
        what the service raises that does the work.
        """
        # (1) there is such a function
        function = _FUNCTIONS.get(name)
        if function is None:
            raise NotFound(f"The host has no function {visible(name, 80)}.", code="host.unknown", place="name")
        # (2) the plugin and whoever it acts for are both allowed to
        if function.needs is not None:
            self._actor.require(function.needs)
        # (3) the arguments are what it takes
        arguments = function.arguments.of(payload)
        # (4) it is done; plugins that are asked meanwhile are one deeper
        depth = DEPTH.set(DEPTH.get() + 1)
        try:
            return await function.call(self._services, self._actor, arguments)
        except PluginsTooDeep as error:
            self.too_deep = error
            raise
        except RecursionError:
            raise _nested_too_deeply() from None
        finally:
            DEPTH.reset(depth)


def _nested_too_deeply() -> InvalidInput:
    return InvalidInput("The arguments are nested too deeply.", code="host.invalid", next_step="Send flatter values.")
