"""Plugins before the operations of the business: what they make of a draft, and what becomes of it when they fail."""

from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import HookExport
from rising_bsm.hooks import BeforeHandler, HookPoints, Registration
from rising_bsm.runtime.accounting import PluginPaused, QuotaExceeded
from rising_bsm.runtime.answers import draft_answer
from rising_bsm.runtime.attached import Attached
from rising_bsm.runtime.calls import Call, Calls
from rising_bsm.runtime.errors import PluginsTooDeep, PluginUnusable
from rising_bsm.runtime.licences import LicenceStopped
from rising_bsm.sandbox import Limits, PoolBusy, SandboxError


class Guards:
    """The `before` handlers of all attached plugins; each call of one is within `limits`."""

    def __init__(self, hooks: HookPoints, calls: Calls, limits: Limits) -> None:
        self._hooks = hooks
        self._calls = calls
        self._limits = limits
        self._registrations: dict[str, list[Registration[BeforeHandler]]] = {}

    def register(self, plugin_id: str, attached: Attached | None) -> None:
        """The plugin takes part with these hooks from now on, or no more."""
        # The new hooks are there before the old ones are gone: nothing is ever written past both.
        old = self._registrations.pop(plugin_id, [])
        if attached is not None:
            places = sorted({(export.hook, export.order) for export in attached.plugin.exports.before})
            self._registrations[plugin_id] = [
                self._hooks.before(point, self._handler(attached, point, order), order=order, name=plugin_id)
                for point, order in places
            ]
        for registration in old:
            registration.remove()

    def _handler(self, attached: Attached, point: str, order: int) -> BeforeHandler:
        async def before(draft: dict[str, Any], current: dict[str, Any] | None, actor: Actor) -> dict[str, Any] | None:
            # A run that has begun with one version of a plugin ends with it; one that was detached is asked no more.
            if attached.plugin.id not in self._registrations:
                return None
            # Who deletes has no draft of his own, and nobody minds what becomes of it.
            stored = current if point.endswith(".delete") else None
            for export in attached.hooks(point, order):
                draft = await self._run_hook(attached, export, stored or draft, current, actor)
            return draft

        return before

    async def _run_hook(
        self,
        attached: Attached,
        export: HookExport,
        draft: dict[str, Any],
        current: dict[str, Any] | None,
        actor: Actor,
    ) -> dict[str, Any]:
        if attached.plugin.paid and not await self._calls.licences.take_part(attached.plugin):
            return draft
        asked = {"op": "before", "handler": export.handler, "hook": export.hook, "draft": draft, "current": current}
        moment = f"before {export.hook}"
        call = Call(attached.plugin, attached.code, asked, moment, actor, self._limits)
        try:
            answer = await self._calls.run(call, draft_answer)
        except LicenceStopped:
            return draft
        except (SandboxError, PoolBusy, PluginUnusable, PluginsTooDeep, QuotaExceeded, PluginPaused):
            # It has failed, which is in its log, or may not run now, but has refused nothing. An administrator has said
            # what becomes of the draft then.
            if export.hook in attached.plugin.open_hooks:
                return draft
            raise
        return draft if answer is None else answer
