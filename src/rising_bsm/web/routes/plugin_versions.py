"""Other versions of plugins that are installed, and what plugins are granted, for those who manage them."""

from typing import Annotated, Any, ClassVar, Literal

from litestar import Router, get, post, put
from pydantic import Field, StrictStr

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle import BundleLimits
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bundles import BundleBody, read_bundle
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.turns import READS


class RollbackQuery(Input):
    """What becomes of what the plugin has stored since the update."""

    refusal: ClassVar[str] = "plugins.invalid_query"

    data: Literal["keep", "restore"] | None = None


class Grants(Input):
    """The permissions that a plugin is to have; what it needs it has anyhow."""

    refusal: ClassVar[str] = "plugins.invalid_grants"

    grants: Annotated[list[StrictStr], Field(max_length=100)]


@post("/update", status_code=200, request_max_body_size=BundleLimits().bundle_bytes, operation_class=BundleBody)
async def update_plugin(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Replaces a plugin by the newer version in a signed bundle; until it is ready the old one answers. Needs
    `plugins.manage`.

    What the new version asks for and the old one did not have must be named with `accept`, once for each; otherwise the
    answer says what it is. `replaced` in the answer says what is different.
    """
    accepted = request.query_params.getall("accept", [])
    data = await read_bundle(request, actor)
    return (await plugins.update(actor, plugin_id, data, accepted)).as_dict()


@post("/rollback", status_code=200, operation_class=asked(RollbackQuery))
async def roll_back_plugin(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Brings back the version before the last update. Needs `plugins.manage`.

    With `data=restore` what the plugin had stored then and how it was set come back with it, with `data=keep` both stay
    as they are now; one of them must be said when they differ.
    """
    query = RollbackQuery.of(dict(request.query_params))
    keep = query.data and query.data == "keep"
    return (await plugins.rollback(actor, plugin_id, keep_data=keep)).as_dict()


@get("/versions", opt={READS: True})
async def list_versions(plugin_id: str, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """The versions that are kept beside the installed one; a rollback brings the `previous` one back. Needs
    `plugins.manage`."""
    return {"items": [version.as_dict() for version in await plugins.versions(actor, plugin_id)]}


@put("/grants")
async def choose_grants(plugin_id: str, data: Any, actor: Actor, plugins: Plugins) -> dict[str, Any]:
    """Of its optional permissions, gives a plugin those that `grants` names and takes away the others. Needs
    `plugins.manage`."""
    return (await plugins.grant(actor, plugin_id, Grants.of(data).grants)).as_dict()


router = Router(
    "/plugins/{plugin_id:str}",
    route_handlers=[update_plugin, roll_back_plugin, list_versions, choose_grants],
    tags=["Plugins"],
)
