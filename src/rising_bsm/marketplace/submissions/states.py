"""The life of a submission, as a word, and who may lead it where."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from rising_bsm.marketplace.catalogue.statuses import VersionStatus


class State(StrEnum):
    """Where a submission is.

    draft ─▶ submitted ─▶ scanning ─▶ in_review ─▶ approved | changes_requested | rejected
      └───────────┴───────────┴───────────┴─────▶ withdrawn

    From the last four nothing leads on: what is submitted again is a new submission.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SCANNING = "scanning"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """As what somebody acts: the one who owns the publisher, who runs the marketplace, or the program itself."""

    OWNER = "owner"
    OPERATOR = "operator"
    SCANNER = "scanner"


OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.SCANNING, State.IN_REVIEW})
"""States that something still follows."""

MOVES: Mapping[tuple[State, State], Role] = MappingProxyType(
    {
        (State.DRAFT, State.SUBMITTED): Role.OWNER,
        (State.SUBMITTED, State.SCANNING): Role.SCANNER,
        # What a scan left behind that was broken off is scanned anew.
        (State.SCANNING, State.SCANNING): Role.SCANNER,
        (State.SCANNING, State.IN_REVIEW): Role.SCANNER,
        (State.IN_REVIEW, State.APPROVED): Role.OPERATOR,
        (State.IN_REVIEW, State.CHANGES_REQUESTED): Role.OPERATOR,
        (State.IN_REVIEW, State.REJECTED): Role.OPERATOR,
        **{(state, State.WITHDRAWN): Role.OWNER for state in sorted(OPEN)},
    }
)
"""Every move there is, and who may make it."""

DECISIONS: Mapping[str, State] = MappingProxyType(
    {"approve": State.APPROVED, "request_changes": State.CHANGES_REQUESTED, "reject": State.REJECTED}
)

_BOTH = frozenset({Role.OWNER, Role.OPERATOR})
_OPERATOR = frozenset({Role.OPERATOR})
VERSION_MOVES: Mapping[tuple[VersionStatus, VersionStatus], frozenset[Role]] = MappingProxyType(
    {
        (VersionStatus.APPROVED, VersionStatus.PUBLISHED): _BOTH,
        (VersionStatus.APPROVED, VersionStatus.REVOKED): _BOTH,
        (VersionStatus.PUBLISHED, VersionStatus.DEPRECATED): _BOTH,
        (VersionStatus.PUBLISHED, VersionStatus.SUSPENDED): _OPERATOR,
        (VersionStatus.PUBLISHED, VersionStatus.REVOKED): _BOTH,
        (VersionStatus.DEPRECATED, VersionStatus.PUBLISHED): _BOTH,
        (VersionStatus.DEPRECATED, VersionStatus.SUSPENDED): _OPERATOR,
        (VersionStatus.DEPRECATED, VersionStatus.REVOKED): _BOTH,
        (VersionStatus.SUSPENDED, VersionStatus.PUBLISHED): _OPERATOR,
        (VersionStatus.SUSPENDED, VersionStatus.DEPRECATED): _OPERATOR,
        (VersionStatus.SUSPENDED, VersionStatus.REVOKED): _BOTH,
    }
)
"""Who may change the status of an approved version: what the operator has stopped, only the operator lets go on."""
