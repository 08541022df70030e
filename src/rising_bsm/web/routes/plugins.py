"""Plugins over HTTP, for those who manage them."""

from operator import itemgetter
from typing import Annotated, Any, ClassVar, Literal

from litestar import Router, delete, get, post
from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle import BundleLimits
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime import Runtime
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bundles import BundleBody, read_bundle
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.turns import READS


class LogQuery(Input):
    """How many lines. Text as it comes in a URL is understood."""

    refusal: ClassVar[str] = "plugins.invalid_query"

    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


class ForceQuery(Input):
    """Whether it is done although other plugins need this one."""

    refusal: ClassVar[str] = "plugins.invalid_query"

    force: bool = False


class UninstallQuery(ForceQuery):
    """Also, whether what it has stored is kept for when it is installed again."""

    data: Literal["keep", "delete"] = "delete"


@get("/", opt={READS: True})
async def list_plugins(actor: Actor, plugins: Plugins, runtime: Runtime) -> dict[str, Any]:
    """All plugins by name; those with `system` came with the program and stay. Needs `plugins.manage`."""
    installed = [plugin.as_dict() for plugin in await plugins.list(actor)]
    return {"items": sorted([*installed, *(one.as_dict() for one in runtime.system.all)], key=itemgetter("id"))}


@post("/", request_max_body_size=BundleLimits().bundle_bytes, operation_class=BundleBody)
async def install_plugin(request: StrictRequest, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Installs a signed bundle, grants all that it needs, and switches it on. Needs `plugins.manage`.

    Of its optional permissions it gets those that `grant` names, once for each.
    """
    chosen = request.query_params.getall("grant", [])
    data = await read_bundle(request, actor)
    return (await plugins.install(actor, data, chosen)).as_dict()


@get("/{plugin_id:str}", opt={READS: True})
async def get_plugin(plugin_id: str, actor: Actor, plugins: Plugins, runtime: Runtime) -> dict[str, Any]:
    """One plugin: what it may do, what it answers to, and why it cannot run if it cannot. Needs `plugins.manage`."""
    if system := runtime.system.named(plugin_id):
        actor.require("plugins.manage")
        return system.as_dict()
    return (await plugins.get(actor, plugin_id)).as_dict()


@delete("/{plugin_id:str}", operation_class=asked(UninstallQuery))
async def uninstall_plugin(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> None:
    """Removes a plugin and all that it stored and logged. Needs `plugins.manage`.

    Others that need it keep it from that, unless `force` is true. With `data=keep` what it stored and how it was set
    come back when the same publisher's plugin is installed again; without, also what it has left so earlier is removed.
    """
    query = UninstallQuery.of(dict(request.query_params))
    await plugins.uninstall(actor, plugin_id, force=query.force, keep_data=query.data == "keep")


@post("/{plugin_id:str}/activate", status_code=200)
async def activate_plugin(plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Switches a plugin on. Needs `plugins.manage`."""
    return (await plugins.activate(actor, plugin_id)).as_dict()


@post("/{plugin_id:str}/deactivate", status_code=200, operation_class=asked(ForceQuery))
async def deactivate_plugin(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Switches a plugin off; it keeps what it stored. Needs `plugins.manage`.

    Others that need it keep it from that, unless `force` is true.
    """
    query = ForceQuery.of(dict(request.query_params))
    return (await plugins.deactivate(actor, plugin_id, force=query.force)).as_dict()


@get("/{plugin_id:str}/log", opt={READS: True})
async def read_log(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """The newest `limit` lines of a plugin's log, the newest first. Needs `plugins.manage`."""
    query = LogQuery.of(dict(request.query_params))
    return {"items": [line.as_dict() for line in await plugins.log(actor, plugin_id, query.limit)]}


router = Router(
    "/plugins",
    route_handlers=[
        list_plugins,
        install_plugin,
        get_plugin,
        uninstall_plugin,
        activate_plugin,
        deactivate_plugin,
        read_log,
    ],
    tags=["Plugins"],
)
