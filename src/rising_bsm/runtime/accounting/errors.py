"""Why a call of a plugin was not begun.

Busy
├── QuotaExceeded   the plugin has used up what it may in a minute   plugin.quota_calls, .quota_fuel, .quota_cost
└── PluginPaused    it kept failing there, and pauses                plugin.paused
"""

from datetime import datetime
from math import ceil

from rising_bsm.db import iso
from rising_bsm.errors import Busy


class QuotaExceeded(Busy):
    """The plugin has used what it may use in a minute; it may go on after `retry_after` seconds."""

    def __init__(self, plugin_id: str, limit: int, unit: str, seconds: float, *, code: str) -> None:
        self.retry_after = max(1, ceil(seconds))
        super().__init__(
            f"{plugin_id} has used the {limit:,} {unit} that it may use in a minute.",
            code=code,
            place=plugin_id,
            next_step=f"Try again in {self.retry_after} s. If it is often so, its author must have it do less.",
        )


class PluginPaused(Busy):
    """The plugin kept failing at this moment and is not asked until `until`, in `retry_after` seconds."""

    code = "plugin.paused"

    def __init__(self, plugin_id: str, moment: str, until: datetime, seconds: float) -> None:
        self.until, self.retry_after = until, max(1, ceil(seconds))
        super().__init__(
            f"{plugin_id} is not run {moment} until {iso(until)}, because it kept failing there.",
            place=f"{plugin_id} {moment}",
            next_step="Wait until then. Its log says why; an administrator can reset its breaker, or deactivate it.",
        )
