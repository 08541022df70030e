"""A marketplace's index in memory, and an attacker who holds whatever a test says."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tuf.api.metadata import Metadata, TargetFile, Targets

from rising_bsm.bundle import PublicKey, SigningKey
from rising_bsm.errors import Busy, NotFound
from rising_bsm.marketplace.index.edition import Edition, File
from rising_bsm.marketplace.index.roles import Role, keys_of
from rising_bsm.plugins.market.index import IndexClient, IndexLimits, Listing
from rising_bsm.plugins.market.index.layout import IS_BIN, bin_of, bundle_path
from rising_bsm.plugins.market.index.listing import Sha256

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
Stream = Callable[[], AsyncGenerator[bytes]]


def make_listing(plugin: str = "acme.loyalty", version: str = "1.0.0", **fields: Any) -> Listing:
    """A published version that asks for nothing."""
    known: dict[str, Any] = {
        "plugin": plugin,
        "version": version,
        "channel": "stable",
        "status": "published",
        "bundle_sha256": hashlib.sha256(f"{plugin} {version}".encode()).hexdigest(),
        "bundle_size": 100,
        "encrypted": False,
        "publisher": plugin.partition(".")[0],
        "publisher_keys": (),
        "permissions": (),
        "network": (),
        "host": ">=0",
        "dependencies": {},
        "security": False,
        "pricing": "free",
        "released_at": START,
    }
    return Listing.model_validate(known | fields)


def blob_of(plugin: str, version: str) -> bytes:
    """What the marketplace hands out as this version."""
    return f"the bytes of {plugin} {version}".encode()


def digest_of(data: bytes) -> Sha256:
    return hashlib.sha256(data).hexdigest()


class Simulator:
    """An operator with all keys; the network in front of it serves `served`, unless an attacker sits in between."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now
        self.keys: dict[Role, list[SigningKey]] = {role: make_keys(role) for role in Role}
        self.current: dict[str, bytes] = {}
        self.served: dict[str, bytes] = {}
        self.streams: dict[str, Stream] = {}
        self.asked: list[str] = []
        self.down = False
        self.edit(lambda edition: edition.begin({role: public(keys) for role, keys in self.keys.items()}))

    def put(
        self, plugin: str = "acme.loyalty", version: str = "1.0.0", *, blob: bytes | None = None, **fields: Any
    ) -> None:
        """Lists a version."""
        data = blob_of(plugin, version) if blob is None else blob
        listing = make_listing(plugin, version, **fields)
        self.edit(lambda edition: edition.put(listing, digest_of(data), len(data)))

    def renew(self, *roles: str) -> None:
        """Signs anew; timestamp and snapshot if nothing else is said."""
        self.edit(lambda edition: edition.touch(roles or (Role.SNAPSHOT, Role.TIMESTAMP)))

    def rotate(self, role: Role) -> list[SigningKey]:
        """New keys for the role; gives the old ones."""
        old, self.keys[role] = self.keys[role], make_keys(role)
        before = old if role is Role.ROOT else []
        bins = [name for name in self.current if IS_BIN.fullmatch(name)]
        self.edit(
            lambda edition: edition.exchange(role, public(self.keys[role]), bins),
            lambda signer: [*(before if signer is Role.ROOT else ()), *self.keys[signer]],
        )
        return old

    def wait(self, **time: float) -> None:
        """Time passes."""
        self.now += timedelta(**time)

    def edit(
        self,
        change: Callable[[Edition], None],
        signers: Callable[[Role], Sequence[SigningKey]] | None = None,
    ) -> list[File]:
        """Publishes what `change` makes."""
        edition = Edition(self.current, signers or self.keys.__getitem__, self.now)
        change(edition)
        files = edition.done()
        self.current |= {file.role: file.data for file in files}
        self.served |= {_name(file): file.data for file in files}
        return files

    def recorded(self) -> dict[str, bytes]:
        """What is served now, to be served again some day."""
        return dict(self.served)

    async def fetch(self, name: str) -> AsyncIterator[bytes]:
        """The network."""
        self.asked.append(name)
        if self.down:
            raise Busy("The marketplace cannot be reached.", code="market.unreachable")
        if name in self.streams:
            async with aclosing(self.streams[name]()) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        if name not in self.served:
            raise NotFound("The index has no such file.", code="index.no_such_file")
        for start in range(0, len(self.served[name]), 4096):
            yield self.served[name][start : start + 4096]

    def client(self, folder: Path, pinned: str | None = None, **limits: Any) -> IndexClient:
        """A client that asks every time, by the clock of this simulator."""
        chosen = IndexLimits(**({"fresh_seconds": 0.0, "file_seconds": 20.0} | limits))
        return IndexClient(folder, self.fetch, pinned, limits=chosen, now=lambda: self.now)

    @property
    def root_digest(self) -> str:
        return digest_of(self.served["1.root.json"])

    def bin_of(self, plugin: str, version: str) -> str:
        return bin_of(bundle_path(plugin, version))

    def version_of(self, role: str) -> int:
        return int(Metadata.from_bytes(self.current[role]).signed.version)


class Attacker:
    """Sits between the client and the marketplace, and holds the keys of some roles; the others it makes up."""

    def __init__(self, victim: Simulator, holds: Collection[Role] | Mapping[Role, Sequence[SigningKey]] = ()) -> None:
        self.victim = victim
        stolen = holds if isinstance(holds, Mapping) else {role: victim.keys[role] for role in holds}
        self._keys = {role: list(stolen.get(role) or make_keys(role)) for role in Role}

    def publish(self, change: Callable[[Edition], None]) -> None:
        """What `change` makes is served in place of the real index, signed with what there is."""
        self.victim.edit(change, self._keys.__getitem__)

    def alter(self, role: str, change: Callable[[Any], None]) -> None:
        """Serves other contents of one role, with whatever must name it, signed with what there is."""

        def altered(edition: Edition) -> None:
            change(edition._metadata(role).signed)
            edition.touch([role])

        self.publish(altered)

    def list_at_top(self, path: str, custom: dict[str, Any], blob: bytes) -> None:
        """Lists a target in the top level of targets."""
        target = TargetFile(len(blob), {"sha256": digest_of(blob)}, path, {"custom": custom})
        self.alter(Role.TARGETS, lambda targets: targets.targets.__setitem__(path, target))

    def fast_forward(self, role: str, to: int = 2**31) -> None:
        """Raises the version of a role as high as it goes."""
        self.alter(role, lambda signed: setattr(signed, "version", to))


def make_keys(role: Role) -> list[SigningKey]:
    return [SigningKey.generate() for _ in range(keys_of(role))]


def public(keys: Sequence[SigningKey]) -> list[PublicKey]:
    return [key.public_key for key in keys]


def resigned(data: bytes, keys: Sequence[SigningKey], change: Callable[[Any], None] = lambda _: None) -> bytes:
    """The metadata with these signatures instead."""
    metadata: Metadata[Any] = Metadata.from_bytes(data)
    change(metadata.signed)
    metadata.signatures.clear()
    for key in keys:
        metadata.sign(key.signer, append=True)
    return metadata.to_bytes()


def targets_of(data: bytes) -> Targets:
    """The targets in a file."""
    signed = Metadata.from_bytes(data).signed
    assert isinstance(signed, Targets)
    return signed


def forever(chunk: bytes = b" " * 4096) -> Stream:
    """A stream that never ends."""

    async def stream() -> AsyncGenerator[bytes]:
        while True:
            yield chunk

    return stream


def dripping(data: bytes, seconds: float) -> Stream:
    """A stream of single bytes with pauses between."""

    async def stream() -> AsyncGenerator[bytes]:
        for byte in data:
            yield bytes([byte])
            await asyncio.sleep(seconds)

    return stream


def _name(file: File) -> str:
    return "timestamp.json" if file.role == Role.TIMESTAMP else f"{file.version}.{file.role}.json"
