"""The licences that this instance holds."""

from typing import Any

from litestar import Response, Router, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.licences.desk import LicenceDesk
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.pages.plugins.frame import is_paid
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS


@get("/", opt={READS: True})
async def list_licenses(request: StrictRequest) -> Response[str]:
    """Every licence, by plugin, and how it stands."""
    return await _shown(request)


@post("/activate")
async def activate(request: StrictRequest, actor: Actor, licence_desk: LicenceDesk) -> Response[Any]:
    """The list with the licence of this key, or with why it cannot be used here."""
    form = await Form.of(request)
    given = form.texts(("plugin", "key"))
    try:
        found = await licence_desk.activate(
            actor, given.get("plugin", "").strip(), {"key": given.get("key", "").strip(), "move": form.flag("move")}
        )
    except Error as error:
        return await _shown(request, error, given)
    return redirect("/licenses", said=_("The licence for %(plugin)s is activated.") % {"plugin": found["plugin"]})


@post("/renew")
async def renew(request: StrictRequest, actor: Actor, licence_desk: LicenceDesk) -> Response[Any]:
    """The list after the marketplace was asked for fresh files."""
    try:
        await licence_desk.renew(actor)
    except Error as error:
        return await _shown(request, error)
    return redirect("/licenses", said=_("The marketplace was asked; all is as it says."))


@post("/{plugin_id:str}/release")
async def release(request: StrictRequest, plugin_id: str, actor: Actor, licence_desk: LicenceDesk) -> Response[Any]:
    """The list without the licence, whose seat is free again."""
    try:
        await licence_desk.release(actor, plugin_id)
    except Error as error:
        return await _shown(request, error)
    return redirect("/licenses", said=_("The licence is released, and can be used elsewhere."))


async def _shown(
    request: StrictRequest, error: Error | None = None, values: dict[str, str] | None = None
) -> Response[str]:
    services: Services = request.app.state.services
    licences = await services.licence_desk.list(request.user)
    held = {one["plugin"] for one in licences}
    wanting = await _wanting(services.plugins, request.user, held)
    known = {"licences": licences, "wanting": wanting, "values": values or {}}
    return page(request, "licenses/list.html", error=error, **known)


async def _wanting(plugins: Plugins, actor: Actor, held: set[str]) -> list[str]:
    return [str(one.plugin_id) for one in await plugins.list(actor) if is_paid(one) and one.plugin_id not in held]


router = Router("/licenses", route_handlers=[list_licenses, activate, renew, release], include_in_schema=False)
