"""What this room refuses with: all of them are `InvalidInput`.

InvalidInput
├── BundleError     the archive, its signature or its contents      bundle.*
├── InvalidKey      a public or a private key                       key.*
└── ProjectError    the author's folder, found before it is built   project.*
"""

from collections.abc import Mapping

from rising_bsm.errors import InvalidInput

REBUILD = "Build the bundle again with `rising-bsm build`, or ask its author for another copy."


class BundleError(InvalidInput):
    """A bundle is refused; `place` is the file in the archive, or the byte at which it went wrong."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        place: str,
        next_step: str = REBUILD,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, place=place, next_step=next_step, fields=fields)


class InvalidKey(InvalidInput):
    """A key cannot be used; `place` is its file or its text, never a private part of it."""


class ProjectError(InvalidInput):
    """A plugin's folder cannot be built as it is; `place` is the file and the key in it."""
