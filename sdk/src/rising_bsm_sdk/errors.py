"""What a plugin raises, and what the host answers a call with when it refuses."""

from typing import Any


class Refuse(Exception):
    """Refuse what is being asked, with a sentence for the person who asked.

    From a `before` hook nothing is written; from a route the answer is HTTP 422. `field` names the input it is about.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class HostError(Exception):
    """The host refused a call; `code` is stable, `place` names the field or permission."""

    def __init__(self, message: str, *, code: str, place: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.place = place


class NotPermitted(HostError):
    """The plugin was not granted this, or the user it acts for may not do it; `place` is the permission."""


class Missing(HostError):
    """There is no such thing."""


class Invalid(HostError):
    """An argument is wrong; `place` is the field."""


_KINDS: dict[str, type[HostError]] = {"denied": NotPermitted, "not_found": Missing, "invalid": Invalid}


def host_error(error: dict[str, Any]) -> HostError:
    """The exception for what the host refused with."""
    kind = _KINDS.get(error["code"].rpartition(".")[2], HostError)
    return kind(error["message"], code=error["code"], place=error.get("place"))
