"""The licence that the plugin runs with."""

from typing import Any, Literal

from pydantic import ConfigDict

from rising_bsm.accounts import Actor
from rising_bsm.runtime.functions.moment import Nothing
from rising_bsm.runtime.functions.results import Moment, Result
from rising_bsm.runtime.services import HostServices


class Known(Result):
    """A licence; `state` is `none` and the rest empty where there is none because the plugin is free."""

    model_config = ConfigDict(title="License")

    state: Literal["ok", "renew_due", "grace", "restricted", "stopped", "none"]
    type: Literal["trial", "basic", "premium", "enterprise"] | None
    entitlements: list[str]
    limits: dict[str, int]
    expires_at: Moment | None
    days_left: int | None


NO_LICENCE: dict[str, Any] = {
    "state": "none",
    "type": None,
    "entitlements": [],
    "limits": {},
    "expires_at": None,
    "days_left": None,
}


async def get(host: HostServices, _actor: Actor, _nothing: Nothing) -> Any:
    """The plugin's licence: what was bought, and how it stands now."""
    licensed = await host.licence()
    return licensed.for_plugin() if licensed else NO_LICENCE
