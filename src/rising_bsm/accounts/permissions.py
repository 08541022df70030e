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
        "activity.read": "See who did what",
        "users.manage": "Add people, change their roles and lock them out",
        "plugins.manage": "Trust keys; install, activate and remove plugins",
        "tokens.manage": "Make and revoke one's own access tokens",
    }
)
"""Every permission code, with what it lets people do."""

PEOPLE_ONLY = frozenset({"users.manage", "plugins.manage", "tokens.manage"})
"""What no plugin is ever allowed, whoever it acts for: each of these would let it outlive or widen its grants."""


class Role(StrEnum):
    """What somebody is in the business; decides what they may do."""

    ADMIN = "admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"

    @property
    def permissions(self) -> frozenset[str]:
        """The codes this role is allowed."""
        return _ALLOWED[self]


_EMPLOYEE = frozenset({"customers.read", "customers.create", "customers.update", "tokens.manage"})
_ALLOWED = {
    Role.ADMIN: frozenset(PERMISSIONS),
    Role.MANAGER: _EMPLOYEE | {"customers.delete", "activity.read"},
    Role.EMPLOYEE: _EMPLOYEE,
}
