"""What people call the roles, and what each permission belongs to."""

from collections.abc import Mapping

from rising_bsm.accounts import PERMISSIONS, Role
from rising_bsm.web.i18n import no_translation as _

ROLES: Mapping[Role, tuple[str, str]] = {
    Role.ADMIN: (_("Administrator"), _("May do everything, also with people, plugins and the marketplace.")),
    Role.MANAGER: (_("Manager"), _("Runs the business: may also delete, and see who did what.")),
    Role.EMPLOYEE: (_("Employee"), _("Works with customers, appointments and requests, and deletes nothing.")),
    Role.PUBLISHER: (_("Publisher"), _("Publishes plugins here, and sees nothing of the business.")),
}
"""Every role: what it is called, and what it is for. Not translated."""

COLOURS: Mapping[Role, str] = {
    Role.ADMIN: "red",
    Role.MANAGER: "purple",
    Role.EMPLOYEE: "blue",
    Role.PUBLISHER: "orange",
}
"""The colour of the badge of each."""

_GROUPS: Mapping[str, str] = {
    "customers": _("Customers"),
    "appointments": _("Appointments"),
    "requests": _("Requests"),
    "notes": _("Notes"),
    "notifications": _("Notifications"),
    "users": _("People"),
    "activity": _("Activity"),
    "metrics": _("Operation"),
    "plugins": _("Plugins"),
    "routes": _("Plugins"),
    "tokens": _("Access tokens"),
    "marketplace": _("Marketplace"),
}


def grouped() -> dict[str, list[tuple[str, str]]]:
    """All permissions with what each lets people do, by what they are about. Not translated."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, sentence in PERMISSIONS.items():
        groups.setdefault(_GROUPS[code.partition(".")[0]], []).append((code, sentence))
    return groups
