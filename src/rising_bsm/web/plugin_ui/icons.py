"""The icons that plugins may name; each is in the sprite of the pages."""

# fmt: off
ICONS = frozenset({
    "alert-triangle", "bell", "building", "calendar-event", "cash", "check", "clipboard-check", "clock", "download",
    "history", "home", "inbox", "info-circle", "key", "list-check", "mail", "map-pin", "package", "phone", "puzzle",
    "search", "settings", "shield-check", "star", "users",
})
# fmt: on


def icon_of(name: str | None) -> str:
    """The icon of this name, or that of plugins if there is none."""
    return name if name in ICONS else "puzzle"
