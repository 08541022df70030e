"""What was bought: the licence that a plugin runs with."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any


class License:
    """The licence of a plugin that costs something, read once in a call, when it is first looked at.

    The host decides what the plugin may do; this is for showing it, and for what only some licences include.
    """

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call
        self._known: dict[str, Any] | None = None

    def get(self) -> dict[str, Any]:
        """All of it: `state`, `type`, `entitlements`, `limits`, `expires_at` as text, and `days_left`."""
        if self._known is None:
            self._known = self._call("license.get", {})
        return self._known

    @property
    def state(self) -> str:
        """`ok`, `renew_due`, `grace` or `restricted` (the plugin may only read); `none` for a free plugin."""
        state: str = self.get()["state"]
        return state

    @property
    def type(self) -> str | None:
        """`trial`, `basic`, `premium` or `enterprise`."""
        kind: str | None = self.get()["type"]
        return kind

    @property
    def entitlements(self) -> list[str]:
        """What was bought beside the plugin itself, by the names that its author has given."""
        names: list[str] = self.get()["entitlements"]
        return names

    @property
    def limits(self) -> Mapping[str, int]:
        """How much of what was bought, by the names that its author has given."""
        limits: Mapping[str, int] = self.get()["limits"]
        return limits

    @property
    def expires_at(self) -> datetime | None:
        """When what was bought ends, in UTC; None for never."""
        moment = self.get()["expires_at"]
        return datetime.fromisoformat(moment) if moment else None

    @property
    def days_left(self) -> int | None:
        """How many days, a begun one as a whole, the plugin keeps what it now has; None for without end."""
        days: int | None = self.get()["days_left"]
        return days

    def has(self, entitlement: str) -> bool:
        """Whether this was bought."""
        return entitlement in self.entitlements
