"""Plugins over HTTP, for those who manage them."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from litestar import Router, delete, get, post
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle import BundleLimits
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.errors import UnsupportedMedia
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

BUNDLE_TYPES = ("application/octet-stream", "application/zip")


class LogQuery(Input):
    """How many lines. Text as it comes in a URL is understood."""

    refusal: ClassVar[str] = "plugins.invalid_query"

    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


@dataclass
class _BundleBody(Operation):
    """A body of bytes, which the framework cannot read off the handler."""

    def __post_init__(self) -> None:
        media = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.request_body = RequestBody(content=dict.fromkeys(BUNDLE_TYPES, media), required=True)


@get("/", opt={READS: True})
async def list_plugins(actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """All plugins by name. Needs `plugins.manage`."""
    return {"items": [plugin.as_dict() for plugin in await plugins.list(actor)]}


@post("/", request_max_body_size=BundleLimits().bundle_bytes, operation_class=_BundleBody)
async def install_plugin(request: StrictRequest, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Installs a signed bundle, grants all that it asks for, and switches it on. Needs `plugins.manage`."""
    # Before the body is read: nobody else makes us take 20 MB.
    actor.require("plugins.manage")
    kind, _ = request.content_type
    if kind not in BUNDLE_TYPES:
        raise UnsupportedMedia(
            f"The body is declared as {kind or 'nothing'}; only a bundle is taken here.",
            place="Content-Type",
            next_step=f"Send the bundle's bytes with Content-Type: {BUNDLE_TYPES[0]}.",
        )
    return (await plugins.install(actor, await request.body())).as_dict()


@get("/{plugin_id:str}", opt={READS: True})
async def get_plugin(plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """One plugin: what it may do, what it answers to, and why it cannot run if it cannot. Needs `plugins.manage`."""
    return (await plugins.get(actor, plugin_id)).as_dict()


@delete("/{plugin_id:str}")
async def uninstall_plugin(plugin_id: str, actor: Actor, plugins: Plugins) -> None:
    """Removes a plugin and all that it stored and logged. Needs `plugins.manage`."""
    await plugins.uninstall(actor, plugin_id)


@post("/{plugin_id:str}/activate", status_code=200)
async def activate_plugin(plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Switches a plugin on. Needs `plugins.manage`."""
    return (await plugins.activate(actor, plugin_id)).as_dict()


@post("/{plugin_id:str}/deactivate", status_code=200)
async def deactivate_plugin(plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Switches a plugin off; it keeps what it stored. Needs `plugins.manage`."""
    return (await plugins.deactivate(actor, plugin_id)).as_dict()


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
