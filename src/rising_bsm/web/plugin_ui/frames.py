"""The frames of plugins, as they stand in a page of ours."""

from markupsafe import Markup

from rising_bsm.bundle.frames import FRAME_MOUNTS, Frame
from rising_bsm.runtime import ActivePlugin
from rising_bsm.web.i18n import preferences
from rising_bsm.web.plugin_ui.cage import SANDBOX, key_for
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.templating import render


def frames_at(request: StrictRequest, mount: str, entity_id: object = None) -> Markup:
    """All frames that are shown at this place to whoever asks, each below the host's own heading."""
    services: Services = request.app.state.services
    shown = services.runtime.frames.at(mount, request.user) if mount in FRAME_MOUNTS else []
    return Markup("").join(framed(request, plugin, frame, entity_id) for plugin, frame in shown)


def framed(request: StrictRequest, plugin: ActivePlugin, frame: Frame, entity_id: object = None) -> Markup:
    """The frame below the host's own words on whose it is, which it cannot reach."""
    inside = _frame(request, plugin, frame, entity_id)
    context = {"plugin": plugin, "frame": frame, "inside": inside}
    return Markup(render("plugin_ui/framed.html", context))  # noqa: S704 - the template has escaped it


def _frame(request: StrictRequest, plugin: ActivePlugin, frame: Frame, entity_id: object) -> Markup:
    services: Services = request.app.state.services
    jar = services.jar
    session = getattr(request.scope.get("auth"), "session", None)
    key = key_for(jar.secret, plugin.id, plugin.digest)
    context = {
        "plugin": plugin,
        "frame": frame,
        "entity_id": entity_id,
        "label": f"{frame.title} · {plugin.name or plugin.id}",
        "source": f"/plugin-ui/{plugin.id}/{plugin.digest}/{key}/{frame.file}",
        "sandbox": SANDBOX,
        "preferences": preferences(),
        "csrf_token": jar.csrf_token(session or ""),
    }
    return Markup(render("plugin_ui/frame.html", context))  # noqa: S704 - the template has escaped it
