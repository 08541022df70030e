"""The entries that the pages of plugins have in the menu."""

from rising_bsm.accounts import Actor
from rising_bsm.runtime import Runtime
from rising_bsm.web.i18n import no_translation as _
from rising_bsm.web.pages.navigation import Entry, Section
from rising_bsm.web.plugin_ui.icons import icon_of
from rising_bsm.web.plugin_ui.region import page_of


def with_plugins(menu: list[Section], runtime: Runtime, actor: Actor | None) -> list[Section]:
    """The menu with a section for what plugins add, behind that of the business; nothing is added for strangers."""
    found = entries_of(runtime, actor) if actor else ()
    return [*menu[:1], Section(_("From plugins"), found), *menu[1:]] if found else menu


def entries_of(runtime: Runtime, actor: Actor) -> tuple[Entry, ...]:
    """The pages of plugins that the actor may see."""
    pages = [
        (one.plugin.id, one.export.handler, one.export.title, one.export.icon) for one in runtime.ui.at("page", actor)
    ]
    pages += [(plugin.id, frame.name, frame.title, frame.icon) for plugin, frame in runtime.frames.at("page", actor)]
    return tuple(
        Entry(title, page_of(plugin, name, {}), icon_of(icon), by_plugin=True) for plugin, name, title, icon in pages
    )
