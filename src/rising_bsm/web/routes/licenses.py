"""The licences that this instance holds, for those who manage plugins."""

from typing import Annotated, Any

from litestar import Router, delete, get, post

from rising_bsm.accounts import Actor
from rising_bsm.plugins.licences.desk import Activation, LicenceDesk
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.turns import READS


@get("/", opt={READS: True})
async def list_licenses(actor: Actor, licence_desk: LicenceDesk) -> dict[str, Any]:
    """Every licence, by plugin, and how it stands; of its key, the last group. Needs `plugins.manage`."""
    return {"items": await licence_desk.list(actor)}


@get("/{plugin_id:str}", opt={READS: True})
async def get_license(plugin_id: str, actor: Actor, licence_desk: LicenceDesk) -> dict[str, Any]:
    """The licence for one plugin. Needs `plugins.manage`."""
    return await licence_desk.get(actor, plugin_id)


@post("/renew", status_code=200)
async def renew_licenses(actor: Actor, licence_desk: LicenceDesk) -> dict[str, Any]:
    """Asks the marketplace for fresh files now, which is done every hour anyway. Needs `plugins.manage`."""
    return {"items": await licence_desk.renew(actor)}


@post("/{plugin_id:str}/activate", status_code=200)
async def activate_license(
    plugin_id: str, data: Annotated[Any, described(Activation)], actor: Actor, licence_desk: LicenceDesk
) -> dict[str, Any]:
    """Binds the licence of this key to this instance. Needs `plugins.manage`."""
    return await licence_desk.activate(actor, plugin_id, data)


@post("/{plugin_id:str}/trial", status_code=200)
async def begin_trial(plugin_id: str, actor: Actor, licence_desk: LicenceDesk) -> dict[str, Any]:
    """Begins the trial of a plugin. Needs `plugins.manage`."""
    return await licence_desk.trial(actor, plugin_id)


@delete("/{plugin_id:str}")
async def release_license(plugin_id: str, actor: Actor, licence_desk: LicenceDesk) -> None:
    """Gives the seat back, so that the licence can be used elsewhere; a paid plugin stops. Needs `plugins.manage`."""
    await licence_desk.release(actor, plugin_id)


router = Router(
    "/licenses",
    route_handlers=[list_licenses, get_license, renew_licenses, activate_license, begin_trial, release_license],
    tags=["Licences"],
)
