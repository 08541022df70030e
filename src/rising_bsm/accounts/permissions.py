"""What there is to be allowed, and which role is allowed what."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "customers.read": "See customers and search among them",
        "customers.create": "Add customers",
        "customers.update": "Change customers",
        "customers.delete": "Delete customers",
        "appointments.read": "See appointments",
        "appointments.create": "Add appointments",
        "appointments.update": "Change appointments",
        "appointments.delete": "Delete appointments",
        "requests.read": "See service requests and search among them",
        "requests.create": "Add service requests",
        "requests.update": "Change service requests",
        "requests.delete": "Delete service requests",
        "notes.create": "Write notes on what one may see",
        "notes.delete": "Delete notes of others",
        "notifications.read": "See one's own notifications",
        "notifications.send": "Notify people",
        "routes.public": "Answer strangers on public routes of the plugin",
        "users.read": "See the names, roles and e-mail addresses of colleagues",
        "activity.read": "See who did what",
        "metrics.read": "See how the instance runs, in numbers",
        "users.manage": "Add people, change their roles and lock them out",
        "plugins.manage": "Trust keys; install, activate and remove plugins",
        "tokens.manage": "Make and revoke one's own access tokens",
        "marketplace.publish": "Publish plugins on the marketplace of this instance, as a publisher",
        "marketplace.manage": "Run the marketplace: review, suspend and revoke plugins, sell licences",
    }
)
"""Every permission code, with what it lets people do."""

STAFF = "notifications.read"
"""What everybody may who works here, and nobody who only publishes plugins from outside."""

PEOPLE_ONLY = frozenset(
    {"users.manage", "plugins.manage", "tokens.manage", "marketplace.publish", "marketplace.manage"}
)
"""What no plugin is ever allowed, whoever it acts for: each of these would let it outlive or widen its grants."""


class Role(StrEnum):
    """What somebody is in the business; decides what they may do."""

    ADMIN = "admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"
    PUBLISHER = "publisher"

    @property
    def permissions(self) -> frozenset[str]:
        """The codes this role is allowed."""
        return _ALLOWED[self]


_ENTITIES = ("customers", "appointments", "requests")
_BUSINESS = frozenset(f"{entity}.{verb}" for entity in _ENTITIES for verb in ("read", "create", "update"))
_EMPLOYEE = _BUSINESS | {"notes.create", "notifications.read", "notifications.send", "users.read", "tokens.manage"}
_MANAGER = {f"{entity}.delete" for entity in (*_ENTITIES, "notes")} | {"activity.read"}
# Somebody from outside, who sees nothing of the business.
_PUBLISHER = frozenset({"marketplace.publish", "tokens.manage"})
_ALLOWED = {
    Role.ADMIN: frozenset(PERMISSIONS),
    Role.MANAGER: _EMPLOYEE | _MANAGER,
    Role.EMPLOYEE: _EMPLOYEE,
    Role.PUBLISHER: _PUBLISHER,
}
