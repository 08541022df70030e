"""The places in pages that plugins fill."""

from collections.abc import Callable
from typing import get_args

from markupsafe import Markup

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import MountName
from rising_bsm.runtime.ui.dispatch import Shown
from rising_bsm.web.plugin_ui.frames import frames_at
from rising_bsm.web.plugin_ui.region import Region, props_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.templating import macros

_MOUNTS: frozenset[str] = frozenset(get_args(MountName))


def regions_for(request: StrictRequest) -> Callable[..., Markup]:
    """What templates call to leave room for the components that are mounted at a place of a page.

    Each is drawn when the page is there: `regions("dashboard.widget")`, `regions("customer.detail", customer.id)`,
    `regions("settings", "acme.loyalty")`. Behind them stand the frames in which plugins draw themselves.
    """
    actor: Actor | None = request.scope.get("user")

    def regions(mount: MountName, entity_id: object = None) -> Markup:
        if mount not in _MOUNTS:
            raise ValueError(f"there is no mount {mount}")
        if actor is None:
            return Markup("")
        props = props_of({}, None if mount == "settings" or entity_id is None else str(entity_id))
        found = [Region(shown, props) for shown in _shown(request, mount, actor, entity_id)]
        drawn: Markup = macros("plugin_ui/parts.html").all_of(found, frames_at(request, mount, entity_id))
        return drawn

    return regions


def _shown(request: StrictRequest, mount: MountName, actor: Actor, entity_id: object) -> list[Shown]:
    services: Services = request.app.state.services
    found = services.runtime.ui.at(mount, actor)
    return [shown for shown in found if mount != "settings" or shown.plugin.id == entity_id]
