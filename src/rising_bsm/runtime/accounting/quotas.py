"""How much of calls, fuel and host functions each plugin has used in the last minute, in one running process."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rising_bsm.runtime.accounting.errors import QuotaExceeded
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.window import Window


@dataclass
class _Used:
    calls: Window = field(default_factory=Window)
    fuel: Window = field(default_factory=Window)
    cost: Window = field(default_factory=Window)


class Quotas:
    """The quotas of all plugins. `clock` gives seconds."""

    def __init__(self, limits: RuntimeLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._used: dict[str, _Used] = {}

    def begin(self, plugin_id: str) -> None:
        """One more call. Raises QuotaExceeded, and does not count, when calls or fuel are used up."""
        now, used = self._clock(), self._of(plugin_id)
        most_calls, most_fuel = self._limits.calls_per_minute, self._limits.fuel_per_minute
        if used.calls.total(now) >= most_calls:
            wait = used.calls.seconds_until_below(most_calls, now)
            raise QuotaExceeded(plugin_id, most_calls, "calls", wait, code="plugin.quota_calls")
        if used.fuel.total(now) >= most_fuel:
            wait = used.fuel.seconds_until_below(most_fuel, now)
            raise QuotaExceeded(plugin_id, most_fuel, "units of fuel", wait, code="plugin.quota_fuel")
        used.calls.add(now)

    def burned(self, plugin_id: str, fuel: int) -> None:
        """A call has used so much fuel. A call that has begun may go over the quota; the next then waits for it."""
        self._of(plugin_id).fuel.add(self._clock(), fuel)

    def spend(self, plugin_id: str, cost: int) -> None:
        """A host function of this cost is asked for. Raises QuotaExceeded, and does not count, when none is left."""
        now, used, most = self._clock(), self._of(plugin_id), self._limits.cost_per_minute
        if used.cost.total(now) >= most:
            wait = used.cost.seconds_until_below(most, now)
            raise QuotaExceeded(plugin_id, most, "units of host functions", wait, code="plugin.quota_cost")
        used.cost.add(now, cost)

    def forget(self, plugin_id: str) -> None:
        """The plugin is no more."""
        self._used.pop(plugin_id, None)

    def _of(self, plugin_id: str) -> _Used:
        used = self._used.get(plugin_id)
        if used is None:
            used = self._used[plugin_id] = _Used()
        return used
