"""What an administrator can set of a plugin."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.care import PluginCare
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/{plugin_id:str}/settings", opt={READS: True})
async def show_settings(request: StrictRequest, plugin_id: str, actor: Actor, plugin_care: PluginCare) -> Response[str]:
    """The form with what is set; of secrets, only whether they are."""
    fields = await plugin_care.settings(actor, plugin_id)
    return await plugin_page(request, plugin_id, "settings", fields=fields, values=shown_values(fields))


@post("/{plugin_id:str}/settings")
async def change_settings(
    request: StrictRequest, plugin_id: str, actor: Actor, plugin_care: PluginCare
) -> Response[Any]:
    """Stored, and the plugin is told; or the form again with what was wrong at each field."""
    fields, form = await plugin_care.settings(actor, plugin_id), await Form.of(request)
    try:
        await plugin_care.change_settings(actor, plugin_id, read_values(fields, form))
    except Error as error:
        typed = {one["name"]: form.text(one["name"]) for one in fields if one["type"] != "secret"}
        return await plugin_page(request, plugin_id, "settings", error=error, fields=fields, values=typed)
    return redirect(f"/plugins/{plugin_id}/settings", said=_("The settings are saved."))


def shown_values(fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What stands in each field; nothing in those of secrets."""
    return {one["name"]: one["value"] for one in fields if one["type"] != "secret"}


def read_values(fields: Sequence[Mapping[str, Any]], form: Form) -> dict[str, Any]:
    """What was typed, as the settings have it: null for what is empty; a secret that nobody typed stays as it is."""
    read = {one["name"]: _read(one, form) for one in fields if one["type"] != "secret"}
    for one in fields:
        if one["type"] == "secret" and form.flag(f"remove.{one['name']}"):
            read[one["name"]] = None
        elif one["type"] == "secret" and form.text(one["name"]):
            read[one["name"]] = form.text(one["name"])
    return read


def _read(field: Mapping[str, Any], form: Form) -> Any:
    text = form.text(field["name"])
    if field["type"] == "yesno":
        return form.flag(field["name"])
    if field["type"] == "text_long":
        # As browsers send it, lines end as on the network.
        return text.replace("\r\n", "\n") or None
    text = text.strip()
    return _number(text) if text and field["type"] in ("number", "whole") else text or None


def _number(text: str) -> int | float | str:
    """The number that was typed, with a comma or a point; the text if it is none, for the setting to say so."""
    for kind in (int, float):
        try:
            return kind(text.replace(",", "."))
        except ValueError:
            continue
    return text


HANDLERS = (show_settings, change_settings)
