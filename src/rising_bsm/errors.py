"""The error tree: every refusal is a sentence, a stable code, a place and a next step.

    Error
    ├── InvalidInput      the caller sent something that cannot be accepted
    ├── NotSignedIn       nobody, or not anybody we know
    ├── PermissionDenied  known, but not allowed
    ├── NotFound          no such thing, or none that the caller may see
    ├── Conflict          it contradicts what is there already
    ├── TooLarge          over a limit of size
    ├── Busy              cannot be taken now, may be tried again
    └── Failed            the thing that was asked for broke while it ran

Rooms derive their own errors from these, next to the code that raises them. An edge (HTTP, terminal, page)
translates by these eight classes and needs to know no other.
"""

from collections.abc import Mapping
from typing import Any


class Error(Exception):
    """A refusal that a person can act on.

    `code` is stable and dotted (`bundle.unsafe_path`); `place` says where (file and line, field, permission);
    `next_step` says what to do about it.
    """

    code = "error"

    def __init__(
        self, message: str, *, code: str | None = None, place: str | None = None, next_step: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.place = place
        self.next_step = next_step

    def as_dict(self) -> dict[str, Any]:
        """The error as the JSON body `{code, message, place, next_step}`; absent parts are left out."""
        parts = {"code": self.code, "message": self.message, "place": self.place, "next_step": self.next_step}
        return {name: value for name, value in parts.items() if value is not None}


class InvalidInput(Error):
    """The input cannot be accepted; `fields` maps each wrong field to its sentence."""

    code = "input.invalid"

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        code: str | None = None,
        place: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, code=code, place=place, next_step=next_step)
        self.fields = dict(fields or {})

    def as_dict(self) -> dict[str, Any]:
        """As `Error.as_dict`, with `fields` where there are any."""
        return super().as_dict() | ({"fields": self.fields} if self.fields else {})


class NotSignedIn(Error):
    """The caller is nobody we know."""

    code = "auth.required"


class PermissionDenied(Error):
    """The caller is known and not allowed; `place` is the permission that is missing."""

    code = "permission.denied"


class NotFound(Error):
    """There is no such thing, or none that the caller may see."""

    code = "not_found"


class Conflict(Error):
    """It contradicts what is there already."""

    code = "conflict"


class TooLarge(Error):
    """It is over a limit of size."""

    code = "too_large"


class Busy(Error):
    """It cannot be taken now and may be tried again."""

    code = "busy"


class Failed(Error):
    """What was asked for broke while it ran."""

    code = "failed"
