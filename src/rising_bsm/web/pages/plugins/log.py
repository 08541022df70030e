"""What a plugin has to say for itself, as it says it."""

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

LINES = 200
LEVELS = {"error": ("error",), "warning": ("error", "warning"), "": ()}
"""What is shown for each choice of a level."""


@get("/{plugin_id:str}/log", opt={READS: True})
async def read_log(request: StrictRequest, plugin_id: str, actor: Actor, plugins: Plugins) -> Response[str]:
    """The newest lines, the newest first; the page asks for them anew unless it is told to rest."""
    level = request.query_params.get("level", "")
    lines = await plugins.log(actor, plugin_id, LINES, LEVELS.get(level, ()))
    choices = [("", _("Everything")), ("warning", _("Warnings and errors")), ("error", _("Errors alone"))]
    paused = request.query_params.get("paused") == "yes"
    return await plugin_page(request, plugin_id, "log", lines=lines, levels=choices, paused=paused, most=LINES)


HANDLERS = (read_log,)
