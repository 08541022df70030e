"""The licence of a plugin that costs something."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.licences.desk import LicenceDesk
from rising_bsm.plugins.licences.errors import NotHeld
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS


@get("/{plugin_id:str}/license", opt={READS: True})
async def show_license(request: StrictRequest, plugin_id: str) -> Response[str]:
    """How the licence stands, and where to type the key of another."""
    return await _shown(request, plugin_id)


@post("/{plugin_id:str}/license/activate")
async def activate(request: StrictRequest, plugin_id: str, actor: Actor, licence_desk: LicenceDesk) -> Response[Any]:
    """The licence is bound to this instance, or the page says why not."""
    form = await Form.of(request)
    key = form.text("key").strip()
    try:
        await licence_desk.activate(actor, plugin_id, {"key": key, "move": form.flag("move")})
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/plugins/{plugin_id}/license", said=_("The licence is activated."))


@post("/{plugin_id:str}/license/trial")
async def begin_trial(request: StrictRequest, plugin_id: str, actor: Actor, licence_desk: LicenceDesk) -> Response[Any]:
    """The trial begins, or the page says why not."""
    try:
        await licence_desk.trial(actor, plugin_id)
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/plugins/{plugin_id}/license", said=_("The trial has begun."))


@post("/{plugin_id:str}/license/release")
async def release(request: StrictRequest, plugin_id: str, actor: Actor, licence_desk: LicenceDesk) -> Response[Any]:
    """The seat is given back, or the page says why not."""
    try:
        await licence_desk.release(actor, plugin_id)
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/plugins/{plugin_id}/license", said=_("The licence is released, and can be used elsewhere."))


async def _shown(request: StrictRequest, plugin_id: str, error: Error | None = None) -> Response[str]:
    services: Services = request.app.state.services
    await services.plugins.get(request.user, plugin_id)
    try:
        licence = await services.licence_desk.get(request.user, plugin_id)
    except NotHeld:
        licence = None
    return await plugin_page(request, plugin_id, "license", error=error, licence=licence)


HANDLERS = (show_license, activate, begin_trial, release)
