"""The plugin's settings."""

from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.runtime.functions.moment import Nothing
from rising_bsm.runtime.services import HostServices


async def get(host: HostServices, _actor: Actor, _nothing: Nothing) -> Any:
    """All settings of the plugin by name: what an administrator has set, else the default; secrets in the clear."""
    return await host.settings.values()
