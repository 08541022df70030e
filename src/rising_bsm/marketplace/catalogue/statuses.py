"""The life of a version on the marketplace, as a word."""

from enum import StrEnum


class VersionStatus(StrEnum):
    """What may be done with a version.

    approved ──▶ published ◀──▶ deprecated
        │            │ ▲             │
        │            ▼ │             │
        │        suspended ◀─────────┤
        ▼            ▼               ▼
        └───────▶ revoked ◀──────────┘

    `approved`: reviewed, and not yet to be had. `published`: to be had. `deprecated`: to be had, and its publisher
    advises against it. `suspended`: not to be had until somebody has looked. `revoked`: never again.
    """

    APPROVED = "approved"
    PUBLISHED = "published"
    DEPRECATED = "deprecated"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


TO_BE_HAD = frozenset({VersionStatus.PUBLISHED, VersionStatus.DEPRECATED})
"""Versions that are handed out."""

NEXT = {
    VersionStatus.APPROVED: frozenset({VersionStatus.PUBLISHED, VersionStatus.REVOKED}),
    VersionStatus.PUBLISHED: frozenset({VersionStatus.DEPRECATED, VersionStatus.SUSPENDED, VersionStatus.REVOKED}),
    VersionStatus.DEPRECATED: frozenset({VersionStatus.PUBLISHED, VersionStatus.SUSPENDED, VersionStatus.REVOKED}),
    VersionStatus.SUSPENDED: frozenset({VersionStatus.PUBLISHED, VersionStatus.DEPRECATED, VersionStatus.REVOKED}),
    VersionStatus.REVOKED: frozenset[VersionStatus](),
}
"""From each status, those that may follow."""
