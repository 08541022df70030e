"""Who is acting, and what they may do while they act."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from rising_bsm.accounts.permissions import PEOPLE_ONLY, PERMISSIONS
from rising_bsm.errors import PermissionDenied


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a user (`user_id`), the program itself (no `user_id`), or a plugin on behalf of either.

    `permissions` are codes from `PERMISSIONS`; `plugin` is `publisher.name`.
    """

    user_id: UUID | None
    name: str
    permissions: frozenset[str]
    plugin: str | None = None

    def may(self, permission: str) -> bool:
        """Whether the actor has this permission."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raises PermissionDenied, with the code as its place, unless the actor has this permission."""
        if self.may(permission):
            return
        who = f"The plugin {self.plugin}, acting for {self.name}," if self.plugin else self.name
        both = "Both the plugin and the person need it; an" if self.plugin else "An"
        raise PermissionDenied(
            f"{who} may not do this: {PERMISSIONS.get(permission, permission)}.",
            place=permission,
            next_step=f"{both} administrator can grant {permission}.",
        )

    def limited_to(self, plugin: str, grants: Collection[str]) -> "Actor":
        """The plugin acting for this actor: allowed what both are, and never what only people may do."""
        return replace(self, plugin=plugin, permissions=(self.permissions & frozenset(grants)) - PEOPLE_ONLY)


SYSTEM = Actor(user_id=None, name="system", permissions=frozenset(PERMISSIONS))
"""The program itself: start-up, demo data, the terminal on the machine."""
