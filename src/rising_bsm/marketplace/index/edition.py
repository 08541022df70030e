"""The next state of the index, made from the current one. Pure: no database, no clock but the moment it is given."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from tuf.api.metadata import (  # type: ignore[attr-defined] # public, but not marked so
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)

from rising_bsm.bundle import PublicKey, SigningKey, canonical
from rising_bsm.marketplace.index.errors import VersionReListed
from rising_bsm.marketplace.index.roles import LIFETIME, ROOT_THRESHOLD, TOP_LEVEL, Role, role_of
from rising_bsm.plugins.market.index.layout import (
    BIN_BITS,
    IS_BIN,
    LICENCE_KEYS,
    REVIEWED,
    bin_of,
    bundle_path,
    plugin_path,
)
from rising_bsm.plugins.market.index.listing import Listing

Kind = TypeVar("Kind", bound=Signed)
Signers = Callable[[Role], Sequence[SigningKey]]


@dataclass(frozen=True)
class File:
    """Metadata as it is served; `role` is the name of a bin where it is one."""

    role: str
    version: int
    data: bytes
    expires_at: datetime


class Edition:
    """What is touched here is signed anew by `done`, and whatever must name it too.

    `current` has the newest file of each role that is touched, and of `snapshot` and `timestamp`; a bin that has none
    begins empty. `signers` gives the keys that a role signs with.
    """

    def __init__(self, current: Mapping[str, bytes], signers: Signers, moment: datetime) -> None:
        self._current = current
        self._signers = signers
        self._moment = moment
        self._loaded: dict[str, Metadata[Any]] = {}
        self._touched: set[str] = set()

    def begin(self, keys: Mapping[Role, Sequence[PublicKey]]) -> None:
        """The very first one, with these keys."""
        root, bins = Root(consistent_snapshot=True), SuccinctRoles([], 1, BIN_BITS, REVIEWED)
        first = (root, Targets(delegations=Delegations({}, succinct_roles=bins)), Snapshot(), Timestamp())
        self._loaded = {role: Metadata(signed) for role, signed in zip(TOP_LEVEL, first, strict=True)}
        for role in (*TOP_LEVEL, Role.REVIEWED):
            self.exchange(role, keys[role])
        root.roles[Role.ROOT].threshold = ROOT_THRESHOLD
        self.list_licence_keys(keys[Role.LICENSE])

    def exchange(self, role: Role, keys: Sequence[PublicKey], bins: Collection[str] = ()) -> None:
        """From now on these are the keys of the role, and no others; `bins` are those that there are."""
        if role is Role.REVIEWED:
            delegations = self._open(Role.TARGETS, Targets).delegations
            assert delegations is not None
            assert delegations.succinct_roles is not None
            delegations.keys = {key.key_id: key.verifier for key in keys}
            delegations.succinct_roles.keyids = [key.key_id for key in keys]
            self._touched |= {Role.TARGETS, *bins}
            return
        root = self._open(Role.ROOT, Root)
        for key_id in list(root.roles[role].keyids):
            root.revoke_key(key_id, role)
        for key in keys:
            root.add_key(key.verifier, role)
        self._touched |= {Role.ROOT, role}

    def list_licence_keys(self, keys: Iterable[PublicKey]) -> None:
        """These keys sign licences."""
        custom = {"keys": [str(key) for key in keys]}
        target = TargetFile.from_data(LICENCE_KEYS, canonical.encode(custom), ["sha256"])
        target.unrecognized_fields["custom"] = custom
        self._open(Role.TARGETS, Targets).targets[LICENCE_KEYS] = target
        self._touched.add(Role.TARGETS)

    def put(self, listing: Listing, blob_sha256: str, blob_size: int) -> None:
        """Lists a version, or says anew what becomes of it. Raises VersionReListed if it has other bytes."""
        path = bundle_path(listing.plugin, listing.version)
        custom = listing.model_dump(mode="json")
        target = TargetFile(blob_size, {"sha256": blob_sha256}, path, {"custom": custom})
        listed = self._open(bin_of(path), Targets).targets.get(path)
        if listed == target:
            return
        if listed is not None:
            _check_same_bytes(listed, target)
        self._list(path, target)
        self._list_among_versions(listing, blob_sha256)

    def _list_among_versions(self, listing: Listing, blob_sha256: str) -> None:
        path = plugin_path(listing.plugin)
        known = self._open(bin_of(path), Targets).targets.get(path)
        versions = dict(known.custom["versions"]) if known else {}
        versions[listing.version] = {"channel": listing.channel, "status": listing.status, "blob_sha256": blob_sha256}
        custom = {"plugin": listing.plugin, "versions": versions}
        target = TargetFile.from_data(path, canonical.encode(custom), ["sha256"])
        target.unrecognized_fields["custom"] = custom
        self._list(path, target)

    def _list(self, path: str, target: TargetFile) -> None:
        self._open(bin_of(path), Targets).targets[path] = target
        self._touched.add(bin_of(path))

    def touch(self, roles: Iterable[str]) -> None:
        """These are signed anew as they are."""
        self._touched |= set(roles)

    def done(self) -> list[File]:
        """The files of every role that is another now; none if nothing was touched."""
        listed = [role for role in sorted(self._touched) if role == Role.TARGETS or IS_BIN.fullmatch(role)]
        files = [self._signed(role) for role in listed]
        if files or Role.SNAPSHOT in self._touched:
            snapshot = self._open(Role.SNAPSHOT, Snapshot)
            snapshot.meta |= {f"{file.role}.json": _meta(file) for file in files}
            files.append(self._signed(Role.SNAPSHOT))
            self._open(Role.TIMESTAMP, Timestamp).snapshot_meta = _meta(files[-1])
            self._touched.add(Role.TIMESTAMP)
        return files + [self._signed(role) for role in (Role.TIMESTAMP, Role.ROOT) if role in self._touched]

    def _open(self, role: str, kind: type[Kind]) -> Kind:
        signed = self._metadata(role).signed
        assert isinstance(signed, kind)
        return signed

    def _metadata(self, role: str) -> Metadata[Any]:
        if role not in self._loaded:
            data = self._current.get(role)
            self._loaded[role] = Metadata.from_bytes(data) if data is not None else Metadata(Targets())
        return self._loaded[role]

    def _signed(self, role: str) -> File:
        metadata, signer = self._metadata(role), role_of(role)
        metadata.signed.version += role in self._current
        metadata.signed.expires = self._moment + LIFETIME[signer]
        metadata.signatures.clear()
        for key in self._signers(signer):
            metadata.sign(key.signer, append=True)
        return File(role, metadata.signed.version, metadata.to_bytes(), metadata.signed.expires)


def _meta(file: File) -> MetaFile:
    return MetaFile.from_data(file.version, file.data, ["sha256"])


def _check_same_bytes(listed: TargetFile, target: TargetFile) -> None:
    def bytes_of(one: TargetFile) -> tuple[Any, ...]:
        return one.length, one.hashes, *(one.custom[name] for name in ("bundle_sha256", "bundle_size", "encrypted"))

    if bytes_of(listed) != bytes_of(target):
        raise VersionReListed(
            "This version is in the index already, with other bytes.",
            place=f"{target.custom['plugin']} {target.custom['version']}",
            next_step="Publish the change as a new version; what was listed once stays what it is.",
        )
