"""What is about to be over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rising_bsm.db import iso
from rising_bsm.marketplace.index.roles import LIFETIME, RENEWED_BEFORE, SOON, Role, role_of
from rising_bsm.marketplace.index.tables import IndexFile

_AT_ONCE = timedelta(days=2)
_BINS_AT_A_TIME = 32
"""As many bins are renewed a day, so that nobody waits for all of them; those that are nearly over all the same."""


@dataclass(frozen=True)
class Expiry:
    """When a role is over, of bins the first one. With `soon`, nothing has renewed it though that was due long ago."""

    role: Role
    version: int
    expires_at: datetime
    days_left: int
    soon: bool

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        known = {"role": str(self.role), "version": self.version, "expires_at": iso(self.expires_at)}
        return known | {"days_left": self.days_left, "soon": self.soon}


def expiries(files: Iterable[IndexFile], moment: datetime) -> list[Expiry]:
    """One of each role that has a file, the first to be over before the others."""
    first: dict[Role, IndexFile] = {}
    for file in sorted(files, key=lambda one: one.expires_at, reverse=True):
        first[role_of(file.role)] = file
    found = [_expiry(role, file, moment) for role, file in first.items()]
    return sorted(found, key=lambda one: (one.expires_at, list(Role).index(one.role)))


def _expiry(role: Role, file: IndexFile, moment: datetime) -> Expiry:
    left = file.expires_at - moment
    return Expiry(role, file.version, file.expires_at, left.days, left < min(SOON, LIFETIME[role] / 4))


def due(files: Sequence[IndexFile], moment: datetime) -> list[str]:
    """Those that are to be renewed now."""
    left = {file.role: file.expires_at - moment for file in files}
    found = sorted((role for role in left if left[role] < RENEWED_BEFORE[role_of(role)]), key=lambda role: left[role])
    bins = [role for role in found if role_of(role) is Role.REVIEWED]
    later = [role for role in bins if left[role] >= _AT_ONCE][_BINS_AT_A_TIME:]
    return [role for role in found if role not in later]
