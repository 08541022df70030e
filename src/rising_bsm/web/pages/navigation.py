"""The menu: every place of the application, for those who may go there."""

from dataclasses import dataclass

from rising_bsm.accounts import Actor
from rising_bsm.web.i18n import no_translation as _

_ALONE = ("/", "/operating")
"""Places below which others of the menu are."""


@dataclass(frozen=True)
class Entry:
    """A place: what it is called, where it is, its icon, and the permission it needs."""

    label: str
    address: str
    icon: str
    needs: str | None = None
    badge: str | None = None
    """Where the number beside it comes from, if there is one."""
    by_plugin: bool = False
    """Whether a plugin has named it: such a name is shown as it is, and is no text of ours to be translated."""

    def is_at(self, path: str) -> bool:
        """Whether this path is the place or below it."""
        return path == self.address or (self.address not in _ALONE and path.startswith(f"{self.address}/"))


@dataclass(frozen=True)
class Section:
    """Places that belong together."""

    label: str
    entries: tuple[Entry, ...]


MENU = (
    Section(
        "",
        (
            Entry(_("Dashboard"), "/", "home", "notifications.read"),
            Entry(_("Customers"), "/customers", "users", "customers.read"),
            Entry(_("Appointments"), "/appointments", "calendar-event", "appointments.read"),
            Entry(_("Requests"), "/requests", "inbox", "requests.read"),
            Entry(_("Notifications"), "/notifications", "bell", "notifications.read", "/notifications/unread"),
        ),
    ),
    Section(
        _("Plugins"),
        (
            Entry(_("Marketplace"), "/marketplace", "building-store", "plugins.manage"),
            Entry(_("Installed"), "/plugins", "puzzle", "plugins.manage"),
            Entry(_("Licences"), "/licenses", "license", "plugins.manage"),
        ),
    ),
    Section(
        _("Publishing"),
        (
            Entry(_("My plugins"), "/publishing", "package", "marketplace.publish"),
            Entry(_("Operation"), "/operating", "building-store", "marketplace.manage"),
            Entry(_("Submissions"), "/operating/submissions", "clipboard-check", "marketplace.manage"),
            Entry(_("Publishers"), "/operating/publishers", "building", "marketplace.manage"),
            Entry(_("Reviews"), "/operating/reviews", "star", "marketplace.manage"),
            Entry(_("Sold licences"), "/operating/licenses", "cash", "marketplace.manage"),
            Entry(_("Index"), "/operating/index", "shield-lock", "marketplace.manage"),
        ),
    ),
    Section(
        _("Administration"),
        (
            Entry(_("People"), "/people", "user-shield", "users.manage"),
            Entry(_("Activity"), "/activity", "history", "activity.read"),
        ),
    ),
)
"""All of it; what plugins add stands in their own section."""


def menu_for(actor: Actor | None) -> list[Section]:
    """What of the menu is for this actor; nothing for strangers."""
    if actor is None:
        return []
    allowed = [Section(part.label, tuple(one for one in part.entries if _may(actor, one))) for part in MENU]
    return [part for part in allowed if part.entries]


def begins_at(actor: Actor) -> str:
    """Where the application begins for this actor: the dashboard, or their plugins if the business is not theirs."""
    outsider = actor.may("marketplace.publish") and not actor.may("notifications.read")
    return "/publishing" if outsider else "/"


def _may(actor: Actor, entry: Entry) -> bool:
    return entry.needs is None or actor.may(entry.needs)
