"""The people who work here, and telling them something."""

from collections.abc import Callable
from typing import Any, TypedDict


class User(TypedDict):
    """Somebody who works here; `active` is false for who does no more."""

    id: str
    name: str
    role: str
    email: str
    active: bool


class UserPage(TypedDict):
    """One page of users; `total` counts all that match."""

    items: list[User]
    total: int
    limit: int
    offset: int


class Users:
    """The people who work here."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def list(self, *, limit: int = 50, offset: int = 0, **filters: Any) -> UserPage:
        """One page of users, by name; filters are `role` and `active`."""
        page: UserPage = self._call("users.list", {"limit": limit, "offset": offset, **filters})
        return page

    def get(self, id: str) -> User:
        """One user; raises `Missing` if there is none."""
        user: User = self._call("users.get", {"id": id})
        return user


class Notifications:
    """What people are told."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def send(
        self,
        title: str,
        message: str = "",
        *,
        user_id: str | None = None,
        role: str | None = None,
        level: str = "info",
        link: str = "",
    ) -> dict[str, Any]:
        """Tell one user, or everybody of a role.

        `level` is info, success, warning or error, `link` a path of the application.
        """
        told = {"title": title, "message": message, "level": level, "link": link}
        to = {"user_id": user_id, "role": role}
        sent: dict[str, Any] = self._call("notifications.send", told | to)
        return sent

    def list(self, *, unread: bool | None = None, limit: int = 50, offset: int = 0) -> dict[str, Any]:
        """One page of the notifications of the user it acts for, the newest first; empty when it acts for nobody."""
        inbox: dict[str, Any] = self._call("notifications.list", {"unread": unread, "limit": limit, "offset": offset})
        return inbox
