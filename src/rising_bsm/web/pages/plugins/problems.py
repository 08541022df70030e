"""What a plugin has reported to administrators."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.plugins.care import PluginCare
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.pages.plugins.storage import as_text
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/{plugin_id:str}/problems", opt={READS: True})
async def list_problems(request: StrictRequest, plugin_id: str, actor: Actor, plugin_care: PluginCare) -> Response[str]:
    """Every problem, the one that was there last first."""
    found = [one | {"shown": as_text(one["details"])} for one in await plugin_care.problems(actor, plugin_id)]
    return await plugin_page(request, plugin_id, "problems", problems=found)


@post("/{plugin_id:str}/problems/clear")
async def clear_problems(
    request: StrictRequest, plugin_id: str, actor: Actor, plugin_care: PluginCare
) -> Response[Any]:
    """The list without the problem, or empty when none was named."""
    key = (await Form.of(request)).text("key") or None
    await plugin_care.clear_problems(actor, plugin_id, key)
    said = _("The problem is removed.") if key else _("All problems are removed.")
    return redirect(f"/plugins/{plugin_id}/problems", said=said)


HANDLERS = (list_problems, clear_problems)
