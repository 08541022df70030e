"""A plugin at a glance, and what can be done with it as a whole."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.keys import PublisherKeys
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.pages.plugins.words import adds_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS


@get("/{plugin_id:str}", opt={READS: True})
async def show_plugin(request: StrictRequest, plugin_id: str) -> Response[str]:
    """What it is, who made it, how it does."""
    return await _shown(request, plugin_id)


@post("/{plugin_id:str}/on")
async def switch_on(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> Response[Any]:
    """It answers, or the page says why it does not."""
    try:
        plugin = await plugins.activate(actor, plugin_id)
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/plugins/{plugin_id}", said=_("%(name)s is on.") % {"name": plugin.as_dict()["display_name"]})


@post("/{plugin_id:str}/off")
async def switch_off(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> Response[Any]:
    """It answers no more, or the page says who needs it, and asks again."""
    force = (await Form.of(request)).flag("force")
    try:
        plugin = await plugins.deactivate(actor, plugin_id, force=force)
    except Error as error:
        return await _shown(request, plugin_id, error, again="off")
    return redirect(f"/plugins/{plugin_id}", said=_("%(name)s is off.") % {"name": plugin.as_dict()["display_name"]})


@post("/{plugin_id:str}/uninstall")
async def uninstall(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> Response[Any]:
    """It is gone, with its data or without; or the page says who needs it, and asks again."""
    form = await Form.of(request)
    keep = form.text("data") != "delete"
    try:
        await plugins.uninstall(actor, plugin_id, force=form.flag("force"), keep_data=keep)
    except Error as error:
        return await _shown(request, plugin_id, error, again="uninstall", data=form.text("data"))
    kept = _("%(name)s is uninstalled. What it had stored comes back when it is installed again.")
    gone = _("%(name)s is uninstalled, and what it had stored is deleted.")
    return redirect("/plugins", said=(kept if keep else gone) % {"name": plugin_id})


@post("/{plugin_id:str}/reset")
async def end_pauses(plugin_id: str, actor: Actor, plugin_safety: PluginSafety) -> Response[Any]:
    """It is asked again at once."""
    await plugin_safety.reset(actor, plugin_id)
    return redirect(f"/plugins/{plugin_id}", said=_("It is asked again from now on."))


async def _shown(
    request: StrictRequest, plugin_id: str, error: Error | None = None, again: str = "", data: str = ""
) -> Response[str]:
    services: Services = request.app.state.services
    plugin = await services.plugins.get(request.user, plugin_id)
    return await plugin_page(
        request,
        plugin_id,
        "",
        error=error,
        again=again if error and error.code == "plugins.needed" else "",
        data=data,
        usage=(await services.plugin_safety.usage(request.user, plugin_id))["day"],
        signer=await _signer(services.publisher_keys, request.user, plugin.key_id),
        adds=adds_of((plugin.manifest_json or {})["exports"]),
        storage=await services.stored_data.page(request.user, plugin_id),
    )


async def _signer(keys: PublisherKeys, actor: Actor, key_id: str | None) -> dict[str, Any] | None:
    return next((key.as_dict() for key in await keys.list(actor) if key.key_id == key_id), None)


HANDLERS = (show_plugin, switch_on, switch_off, uninstall, end_pauses)
