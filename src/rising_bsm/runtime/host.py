"""The door's keeper: what becomes of one host call of a plugin."""

from collections import Counter
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.errors import InvalidInput, NotFound, TooLarge
from rising_bsm.runtime.errors import PluginsTooDeep
from rising_bsm.runtime.host_api import HOST_API, HostFunction
from rising_bsm.runtime.limits import DEFAULT_LIMITS
from rising_bsm.runtime.services import HostServices
from rising_bsm.runtime.text import visible
from rising_bsm.runtime.tracing import Span

DEPTH: ContextVar[int] = ContextVar("rising_bsm_plugin_depth", default=0)
"""How many plugins wait for what is being done now."""

_FUNCTIONS = {function.name: function for function in HOST_API}


def _nothing(_cost: int) -> None:
    """Nobody keeps accounts."""


def _unnoticed(_permission: str) -> None:
    """Nobody wants to know."""


class TooOften(TooLarge):
    """The plugin asked for this more often than one call of it may."""

    code = "host.too_often"


class Host:
    """Answers the host calls of one call of a plugin, on behalf of `actor` and within the plugin's grants.

    `actor` is the plugin acting for whoever it acts for. `too_deep` is what a host call met with when it set off more
    plugins than may wait for each other, `cost` the sum of what was asked for. `spend` is told what each call costs,
    and raises when the plugin has no more to spend; `used` is told each permission that is made use of.
    """

    def __init__(
        self,
        plugin_id: str,
        grants: Collection[str],
        actor: Actor,
        services: HostServices,
        *,
        most_calls: int = DEFAULT_LIMITS.call.host_calls,
        spend: Callable[[int], None] = _nothing,
        used: Callable[[str], None] = _unnoticed,
    ) -> None:
        self.actor = actor.limited_to(plugin_id, grants)
        self.too_deep: PluginsTooDeep | None = None
        self.cost = 0
        self._services = replace(services, ask=self)
        self._most_calls = most_calls
        self._spend = spend
        self._used = used
        self._asked: Counter[str] = Counter()
        self._depth = DEPTH.get()

    async def __call__(self, name: str, payload: Any) -> Any:
        """What the function answers, as JSON.

        Raises NotFound (`host.unknown`), TooOften, QuotaExceeded, PermissionDenied (`permission.denied`), InvalidInput
        (`host.invalid`), and what the service raises that does the work.
        """
        # (1) there is such a function
        function = _FUNCTIONS.get(name)
        if function is None:
            raise NotFound(f"The host has no function {visible(name, 80)}.", code="host.unknown", place="name")
        # (2) it was not asked for too often
        self._count(function)
        # (3) the plugin and whoever it acts for are both allowed to
        if function.needs is not None:
            self.actor.require(function.needs)
            self._used(function.needs)
        # (4) the arguments are what it takes
        arguments = function.arguments.of(payload)
        # (5) it is done; plugins that are asked meanwhile are one deeper than this one, in a batch as well
        depth = DEPTH.set(self._depth + 1)
        try:
            with Span("host call", function=name):
                return await function.call(self._services, self.actor, arguments)
        except PluginsTooDeep as error:
            self.too_deep = error
            raise
        except RecursionError:
            raise _nested_too_deeply() from None
        finally:
            DEPTH.reset(depth)

    def _count(self, function: HostFunction) -> None:
        self._asked[function.name] += 1
        self.cost += function.cost
        if self._asked.total() > self._most_calls:
            raise _too_often("the host", self._most_calls)
        if function.per_call is not None and self._asked[function.name] > function.per_call:
            raise _too_often(function.name, function.per_call)
        self._spend(function.cost)


def _too_often(what: str, most: int) -> TooOften:
    return TooOften(
        f"One call of a plugin may ask {what} {most:,} times.",
        place="name",
        next_step="Ask less often, or in several calls.",
    )


def _nested_too_deeply() -> InvalidInput:
    return InvalidInput("The arguments are nested too deeply.", code="host.invalid", next_step="Send flatter values.")
