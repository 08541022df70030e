"""What is believed of an index, and why not: TUF's rules (python-tuf), refused with codes of ours.

Pure: no network and no disk. Steps are numbered as in the detailed client workflow of the TUF specification, section 5.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, Snapshot, TargetFile, Targets  # type: ignore[attr-defined] # public all the same
from tuf.ngclient import config
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

from rising_bsm.plugins.market.index.errors import (
    BadRoot,
    BadSignature,
    Expired,
    IndexRefused,
    Mixed,
    RolledBack,
    RootOutOfOrder,
    Unreadable,
)
from rising_bsm.plugins.market.index.layout import BIN_BITS, IS_BIN, REVIEWED, bin_of

ROOT, TIMESTAMP, SNAPSHOT, TARGETS = "root", "timestamp", "snapshot", "targets"


class Trust:
    """An index as it is believed at one moment; load `root`, newer roots, timestamp, snapshot, targets, in this order.

    What was loaded stays believed; a refusal leaves it as it was. Raises Unreadable and BadSignature for a root that is
    none.
    """

    def __init__(self, root: bytes, moment: datetime) -> None:
        with _refusing(ROOT):
            self._set = TrustedMetadataSet(root, config.EnvelopeType.METADATA)
        self._set.reference_time = moment
        self.timestamp: bytes | None = None
        """The timestamp that is believed, as it came."""

    @property
    def root_version(self) -> int:
        """The number of the newest root."""
        return self._set.root.version

    @property
    def expires_at(self) -> datetime:
        """When the timestamp is over, in UTC."""
        return self._set.timestamp.expires

    def add_root(self, data: bytes) -> None:
        """5.3: the next root. Raises RootOutOfOrder, BadRoot, Unreadable."""
        with _refusing(ROOT, {tuf.BadVersionNumberError: RootOutOfOrder, tuf.UnsignedMetadataError: BadRoot}):
            self._set.update_root(data)

    def add_timestamp(self, data: bytes) -> bool:
        """5.4: the timestamp; whether it is another than the one loaded. Raises RolledBack, Expired, BadSignature."""
        if self._set.root.is_expired(self._set.reference_time):
            raise _refused(ROOT, Expired)
        try:
            with _refusing(TIMESTAMP):
                self._set.update_timestamp(data)
        except tuf.EqualVersionNumberError:
            if self._set.timestamp.is_expired(self._set.reference_time):
                raise _refused(TIMESTAMP, Expired) from None
            return False
        self.timestamp = data
        return True

    def holds_at(self, moment: datetime) -> bool:
        """Whether nothing that was loaded is over by then; if so, that is the moment from now on."""
        if any(signed.is_expired(moment) for signed in self._set):
            return False
        self._set.reference_time = moment
        return True

    def snapshot_wanted(self, most: int) -> tuple[int, int]:
        """Which version of the snapshot the timestamp names, and how many bytes it has, `most` at most."""
        meta = self._set.timestamp.snapshot_meta
        return meta.version, min(meta.length or most, most)

    def add_snapshot(self, data: bytes, *, kept: bool = False) -> None:
        """5.5: the snapshot that the timestamp names; `kept` for what was believed before. Raises Mixed, RolledBack."""
        try:
            with _refusing(SNAPSHOT):
                self._set.update_snapshot(data, trusted=kept)
        except Unreadable as error:
            # python-tuf has no error of its own for a role that is missing and was there (5.5.5).
            raise _refused(SNAPSHOT, RolledBack if _is_snapshot(data) else Unreadable) from error

    def wanted(self, role: str, most: int) -> tuple[int, int] | None:
        """Which version of targets or of a bin the snapshot names, and its bytes; None where it names none."""
        meta = self._set.snapshot.meta.get(f"{role}.json")
        return None if meta is None else (meta.version, min(meta.length or most, most))

    def names(self, role: str) -> bool:
        """Whether the snapshot names the role."""
        return f"{role}.json" in self._set.snapshot.meta

    def add_targets(self, data: bytes) -> None:
        """5.6: the top level of targets, which must delegate to our bins and nothing else. Raises Mixed, Expired."""
        with _refusing(TARGETS, {tuf.BadVersionNumberError: Mixed}):
            self._set.update_targets(data)
        _check_delegations(self._set.targets)

    def add_bin(self, role: str, data: bytes) -> None:
        """5.6.7: a bin, signed by the reviewers. Raises Mixed, Expired, BadSignature."""
        if not IS_BIN.fullmatch(role):
            raise _refused(role[:100], Unreadable)
        with _refusing(role, {tuf.BadVersionNumberError: Mixed}):
            self._set.update_delegated_targets(data, role, TARGETS)

    def has(self, role: str) -> bool:
        """Whether the role was loaded."""
        return role in self._set

    def top_level(self, path: str) -> TargetFile | None:
        """A target of the top level."""
        return self._set.targets.targets.get(path)

    def reviewed(self, path: str) -> TargetFile | None:
        """A target of the bin that may list it; what the top level says of it does not count."""
        role = bin_of(path)
        bin_ = self._set[role] if self.has(role) else None
        return bin_.targets.get(path) if isinstance(bin_, Targets) else None


def _check_delegations(targets: Targets) -> None:
    bins = targets.delegations and targets.delegations.succinct_roles
    if not bins or (bins.name_prefix, bins.bit_length) != (REVIEWED, BIN_BITS):
        raise Unreadable(
            "The index does not delegate to reviewed bins as this program knows them.",
            place=TARGETS,
            next_step="Update this program; the marketplace may be newer.",
        )


def _is_snapshot(data: bytes) -> bool:
    try:
        return Metadata[Snapshot].from_bytes(data).signed.type == SNAPSHOT
    except tuf.RepositoryError:
        return False


_REASONS: Mapping[type[Exception], type[IndexRefused]] = {
    tuf.ExpiredMetadataError: Expired,
    tuf.UnsignedMetadataError: BadSignature,
    tuf.BadVersionNumberError: RolledBack,
    tuf.LengthOrHashMismatchError: Mixed,
}
_SAID = {
    Expired: "is over, and no newer one is shown",
    BadSignature: "is not signed by enough of the keys that may sign it",
    BadRoot: "is not signed by enough keys of the root before it and of its own",
    RootOutOfOrder: "is not the next one after the root that is known",
    RolledBack: "is older than what was seen before",
    Mixed: "belongs to another state of the index than the rest",
    Unreadable: "is not metadata of its kind",
}


@contextmanager
def _refusing(place: str, reasons: Mapping[type[Exception], type[IndexRefused]] | None = None) -> Iterator[None]:
    known = {**_REASONS, **(reasons or {})}
    try:
        yield
    except tuf.EqualVersionNumberError:
        raise
    # What is not signed yet may be anything, and python-tuf has not thought of all of it.
    except (tuf.RepositoryError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _refused(place, next((known[one] for one in type(error).__mro__ if one in known), Unreadable)) from error


def _refused(place: str, kind: type[IndexRefused]) -> IndexRefused:
    return kind(
        f"The index of the marketplace is refused: its {place} {_SAID[kind]}.",
        place=place,
        next_step="Install nothing from there until its operator has explained it.",
    )
