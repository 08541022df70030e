"""Records of calls, and plugins whose calls are recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.bundle.manifest import Exports
from rising_bsm.runtime import ActivePlugin
from rising_bsm.runtime.accounting import Accounting
from rising_bsm.runtime.accounting.execution import Execution
from rising_bsm.sandbox import PluginCode, Usage

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
PLUGIN = "acme.test"


def make_execution(
    *,
    plugin: str = PLUGIN,
    kind: str = "route",
    entry: str = "on GET /",
    actor: Actor = SYSTEM,
    status: str = "ok",
    **usage: Any,
) -> Execution:
    """A call that has ended."""
    return Execution(plugin, "1.0.0", kind, entry, actor, usage=Usage(**usage), status=status)


def make_active(*, id: str = PLUGIN, breaker: Any = "enforce") -> ActivePlugin:
    """A plugin without code: what is called is up to the test."""

    async def none() -> PluginCode:
        raise AssertionError("nothing is run")

    return ActivePlugin(id, "1.0.0", frozenset(), Exports(), none, breaker=breaker)


def attempt(accounting: Accounting, plugin: ActivePlugin, *, fails: Exception | None = None, **options: Any) -> str:
    """Lets the plugin be called, and the call end so; its status."""
    execution = make_execution(plugin=plugin.id, **options)
    try:
        with accounting.of(plugin, execution):
            if fails:
                raise fails
    except Exception as error:
        if fails is None and execution.status not in ("paused", "quota"):
            raise error
    return execution.status


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
