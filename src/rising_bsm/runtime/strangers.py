"""Plugins and people whom nobody knows: public routes, and how much strangers may make a plugin do."""

import time
from collections.abc import Mapping
from dataclasses import replace

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import ANSWERS_STRANGERS, RouteExport
from rising_bsm.errors import Error, NotFound, NotSignedIn
from rising_bsm.runtime.accounting.execution import Execution
from rising_bsm.runtime.accounting.quotas import Quotas
from rising_bsm.runtime.answers import RouteAnswer, route_answer
from rising_bsm.runtime.attached import Attached
from rising_bsm.runtime.calls import Calls
from rising_bsm.runtime.errors import MethodNotAllowed, NoAnswerForStrangers, PluginsTooDeep, PluginUnusable
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.routes import RouteRequest
from rising_bsm.sandbox import SandboxError

VISITOR = Actor(user_id=None, name="visitor", permissions=frozenset())
"""Whoever calls a public route without being known here; nothing that takes a permission is done for them."""


class Strangers:
    """What plugins that are `attached` answer to strangers."""

    def __init__(self, attached: Mapping[str, Attached], calls: Calls, limits: RuntimeLimits) -> None:
        self._attached = attached
        self._calls = calls
        self._limits = limits
        of_strangers = replace(limits, fuel_per_minute=limits.strangers_fuel_per_minute)
        self._quotas = Quotas(of_strangers, time.monotonic)
        calls.accounting.watchers.append(self._note)

    def forget(self, plugin_id: str) -> None:
        """Nobody need know what strangers made this plugin do."""
        self._quotas.forget(plugin_id)

    def public_route(
        self, plugin_id: str, method: str, path: str
    ) -> tuple[Attached, RouteExport, dict[str, str]] | None:
        """The route, if it is public, and the plugin is attached and was granted to have such routes."""
        attached = self._attached.get(plugin_id)
        if attached is None or ANSWERS_STRANGERS not in attached.plugin.grants:
            return None
        try:
            route, params = attached.routes.find(method, path)
        except (NotFound, MethodNotAllowed):
            return None
        return (attached, route, params) if route.public else None

    async def answer(self, plugin_id: str, request: RouteRequest) -> RouteAnswer:
        """What a public route of the plugin answers. Raises NotSignedIn where there is none, QuotaExceeded,
        NoAnswerForStrangers."""
        found = self.public_route(plugin_id, request.method, request.path)
        if found is None:
            # The same for whatever the reason is, so that nobody learns what is installed.
            raise NotSignedIn("Sign in to use plugins.", next_step="Sign in, or send an access token.")
        attached, route, params = found
        call = attached.on_request(route, request.for_guest(params), VISITOR, self._limits.public)
        self._quotas.begin(plugin_id)
        self._calls.accounting.uses.note(plugin_id, ANSWERS_STRANGERS)
        await self._check_licence(attached.plugin)
        # What strangers make fail switches nothing off: anybody could.
        call = replace(call, plugin=replace(attached.plugin, breaker="off"))
        try:
            return await self._calls.run(call, route_answer)
        except (SandboxError, PluginUnusable, PluginsTooDeep) as error:
            raise NoAnswerForStrangers(plugin_id) from error

    async def _check_licence(self, plugin: ActivePlugin) -> None:
        try:
            allowed = await self._calls.licences.allowed(plugin)
        except Error as error:  # which is nothing that a stranger could do anything about
            raise NoAnswerForStrangers(plugin.id) from error
        if ANSWERS_STRANGERS not in allowed.grants:
            raise NoAnswerForStrangers(plugin.id)

    def _note(self, execution: Execution) -> None:
        if execution.actor is VISITOR:
            self._quotas.burned(execution.plugin_id, execution.usage.fuel)
