"""What a plugin may do, whether it makes use of that, and what becomes of it when it fails."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.accounting.uses import Use
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.pages.plugins.words import does, permission_rows
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS


@get("/{plugin_id:str}/permissions", opt={READS: True})
async def show_permissions(request: StrictRequest, plugin_id: str) -> Response[str]:
    """Every permission and place with its reason, and how often it was used in the last 30 days."""
    return await _shown(request, plugin_id)


@post("/{plugin_id:str}/permissions")
async def choose_permissions(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> Response[Any]:
    """Of the optional permissions, the plugin has those that were chosen from now on."""
    chosen = (await Form.of(request)).many("grant")
    try:
        await plugins.grant(actor, plugin_id, chosen)
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/plugins/{plugin_id}/permissions", said=_("The permissions are saved."))


@post("/{plugin_id:str}/permissions/reduce")
async def reduce_permissions(
    plugin_id: str, actor: Actor, plugins: Plugins, plugin_safety: PluginSafety
) -> Response[Any]:
    """The plugin loses the optional permissions that it has not used in the last 30 days."""
    plugin, uses = await plugins.get(actor, plugin_id), await plugin_safety.uses(actor, plugin_id)
    await plugins.grant(actor, plugin_id, [code for code in optional_of(plugin) if code in uses])
    return redirect(f"/plugins/{plugin_id}/permissions", said=_("What was not used is taken away."))


@post("/{plugin_id:str}/failing")
async def choose_failing(
    request: StrictRequest, plugin_id: str, actor: Actor, plugin_safety: PluginSafety
) -> Response[Any]:
    """What becomes of the plugin when it keeps failing, and of writes that its hooks fail to look at."""
    form = await Form.of(request)
    hooks = {name.removeprefix("hook."): form.text(name) for name in form.as_dict() if name.startswith("hook.")}
    try:
        await plugin_safety.choose_breaker(actor, plugin_id, {"mode": form.text("mode")})
        if hooks:
            await plugin_safety.choose_hooks(actor, plugin_id, hooks)
    except Error as error:
        return await _shown(request, plugin_id, error)
    return redirect(f"/plugins/{plugin_id}/permissions", said=_("What happens when it fails is saved."))


async def _shown(request: StrictRequest, plugin_id: str, error: Error | None = None) -> Response[str]:
    services: Services = request.app.state.services
    plugin = await services.plugins.get(request.user, plugin_id)
    uses = await services.plugin_safety.uses(request.user, plugin_id)
    manifest = plugin.manifest
    optional = [_row(row, uses, plugin) for row in permission_rows(manifest.optional_permissions)]
    return await plugin_page(
        request,
        plugin_id,
        "permissions",
        error=error,
        needed=[_row(row, uses, plugin) for row in permission_rows(manifest.permissions)],
        optional=optional,
        unused=[row for row in optional if row["granted"] and not row["use"]],
        network=[{"place": place, "use": uses.get(place.url)} for place in manifest.network],
        safety=await services.plugin_safety.state(request.user, plugin_id),
        hook_words={hook: does(f"{hook.partition('.')[0]}.{hook.partition('.')[2]}") for hook in _hooks(plugin)},
    )


def optional_of(plugin: InstalledPlugin) -> list[str]:
    """The optional permissions that the plugin has now."""
    return [one.code for one in plugin.manifest.optional_permissions if one.code in plugin.grants]


def _row(row: Mapping[str, Any], uses: Mapping[str, Use], plugin: InstalledPlugin) -> dict[str, Any]:
    return {**row, "use": uses.get(row["code"]), "granted": row["code"] in plugin.grants}


def _hooks(plugin: InstalledPlugin) -> list[str]:
    return sorted({str(export.hook) for export in plugin.manifest.exports.before})


HANDLERS = (show_permissions, choose_permissions, reduce_permissions, choose_failing)
