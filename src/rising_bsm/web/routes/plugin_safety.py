"""What plugins do, what they take, and what becomes of those that fail, for those who manage them."""

from typing import Any

from litestar import Router, get, post, put

from rising_bsm.accounts import Actor
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.runtime.accounting import ExecutionQuery
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/executions", opt={READS: True})
async def list_executions(
    request: StrictRequest, plugin_id: str, actor: Actor, plugin_safety: PluginSafety
) -> dict[str, Any]:
    """The calls of a plugin, the newest first; `next` is the `before` of the page after it. Needs `plugins.manage`."""
    query = ExecutionQuery.of(dict(request.query_params))
    return (await plugin_safety.executions(actor, plugin_id, query)).as_dict()


@get("/usage", opt={READS: True})
async def read_usage(plugin_id: str, actor: Actor, plugin_safety: PluginSafety) -> dict[str, Any]:
    """What a plugin took in the last hour and day; times are milliseconds. Needs `plugins.manage`."""
    return await plugin_safety.usage(actor, plugin_id)


@get("/breaker", opt={READS: True})
async def read_breaker(plugin_id: str, actor: Actor, plugin_safety: PluginSafety) -> dict[str, Any]:
    """What was chosen about a plugin's failures, and what of it pauses or has paused. Needs `plugins.manage`."""
    return await plugin_safety.state(actor, plugin_id)


@put("/breaker")
async def choose_breaker(plugin_id: str, data: Any, actor: Actor, plugin_safety: PluginSafety) -> dict[str, Any]:
    """Has what keeps failing pause (`mode` `enforce`), be reported (`monitor`), or neither (`off`). Needs
    `plugins.manage`."""
    return await plugin_safety.choose_breaker(actor, plugin_id, data)


@post("/breaker/reset", status_code=200)
async def reset_breaker(plugin_id: str, actor: Actor, plugin_safety: PluginSafety) -> dict[str, Any]:
    """Ends all pauses of a plugin, as if nothing had failed. Needs `plugins.manage`."""
    return await plugin_safety.reset(actor, plugin_id)


@put("/hooks")
async def choose_hooks(plugin_id: str, data: Any, actor: Actor, plugin_safety: PluginSafety) -> dict[str, Any]:
    """Lets writes pass (`open`) that a hook fails to look at, or not (`closed`), for each hook named. Needs
    `plugins.manage`."""
    return await plugin_safety.choose_hooks(actor, plugin_id, data)


router = Router(
    "/plugins/{plugin_id:str}",
    route_handlers=[list_executions, read_usage, read_breaker, choose_breaker, reset_breaker, choose_hooks],
    tags=["Plugins"],
)
