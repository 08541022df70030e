"""Settings and problems of plugins, for those who manage them."""

from typing import Any

from litestar import Router, delete, get, put

from rising_bsm.accounts import Actor
from rising_bsm.plugins.care import PluginCare
from rising_bsm.web.turns import READS


@get("/settings", opt={READS: True})
async def read_settings(plugin_id: str, actor: Actor, plugin_care: PluginCare) -> dict[str, Any]:
    """What can be set, and what is; of secrets, only whether they are `set`. Needs `plugins.manage`."""
    return {"items": await plugin_care.settings(actor, plugin_id)}


@put("/settings")
async def change_settings(plugin_id: str, data: Any, actor: Actor, plugin_care: PluginCare) -> dict[str, Any]:
    """Sets the values that are named, null to be as if nobody had; others stay. Needs `plugins.manage`."""
    return {"items": await plugin_care.change_settings(actor, plugin_id, data)}


@get("/problems", opt={READS: True})
async def read_problems(plugin_id: str, actor: Actor, plugin_care: PluginCare) -> dict[str, Any]:
    """What a plugin has reported, the latest first. Needs `plugins.manage`."""
    return {"items": await plugin_care.problems(actor, plugin_id)}


@delete("/problems")
async def clear_problems(plugin_id: str, actor: Actor, plugin_care: PluginCare, key: str | None = None) -> None:
    """Removes the problem with this `key`, or all that the plugin has reported. Needs `plugins.manage`."""
    await plugin_care.clear_problems(actor, plugin_id, key)


router = Router(
    "/plugins/{plugin_id:str}",
    route_handlers=[read_settings, change_settings, read_problems, clear_problems],
    tags=["Plugins"],
)
