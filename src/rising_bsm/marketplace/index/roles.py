"""The roles of the index: who signs what, how many must, and for how long it holds."""

from datetime import timedelta
from enum import StrEnum

from rising_bsm.plugins.market.index.layout import REVIEWED


class Role(StrEnum):
    """`reviewed` signs the bins, and so countersigns every version that was approved; `license` signs no metadata."""

    ROOT = "root"
    TARGETS = "targets"
    SNAPSHOT = "snapshot"
    TIMESTAMP = "timestamp"
    REVIEWED = REVIEWED
    LICENSE = "license"


TOP_LEVEL = (Role.ROOT, Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP)
ROOT_KEYS, ROOT_THRESHOLD = 3, 2
"""Two of three: one may be lost, and one that is stolen is worth nothing alone."""
LIFETIME = {
    Role.ROOT: timedelta(days=365),
    Role.TARGETS: timedelta(days=90),
    Role.REVIEWED: timedelta(days=90),
    Role.SNAPSHOT: timedelta(days=7),
    Role.TIMESTAMP: timedelta(days=1),
}
RENEWED_BEFORE = {
    Role.ROOT: timedelta(days=90),
    Role.TARGETS: timedelta(days=45),
    Role.REVIEWED: timedelta(days=45),
    Role.SNAPSHOT: timedelta(days=3.5),
    Role.TIMESTAMP: timedelta(hours=12),
}
"""How long before it is over a file is signed anew; what is served is never about to expire."""
SOON = timedelta(days=30)
"""When the operator is told, as far as a role lives longer at all."""
KEPT = timedelta(days=3)
"""For how long files that were replaced are served: longer than a timestamp that names them holds."""


def role_of(file_role: str) -> Role:
    """Who signs the metadata of this name: `reviewed` for each of its bins."""
    return Role.REVIEWED if file_role.startswith(f"{REVIEWED}-") else Role(file_role)


def keys_of(role: Role) -> int:
    """How many keys the role has."""
    return ROOT_KEYS if role is Role.ROOT else 1
