"""The marketplace's office on a database and a folder of its own, with a scan that a test chooses."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rising_bsm.accounts import Actor, Role
from rising_bsm.analysis.everything import Surroundings
from rising_bsm.analysis.finding import Finding
from rising_bsm.bundle import SigningKey
from rising_bsm.db import Database
from rising_bsm.marketplace.blobs.store import Blobs
from rising_bsm.marketplace.catalogue.tables import MarketVersion
from rising_bsm.marketplace.index import Index
from rising_bsm.marketplace.publishing.dashboard import Dashboard
from rising_bsm.marketplace.publishing.notices import Notices
from rising_bsm.marketplace.publishing.proof import prove
from rising_bsm.marketplace.publishing.publishers import Publishers
from rising_bsm.marketplace.publishing.revoking import KeyRevocations
from rising_bsm.marketplace.publishing.versions import Versions
from rising_bsm.marketplace.submissions.approval import Shelving
from rising_bsm.marketplace.submissions.pruning import Pruning
from rising_bsm.marketplace.submissions.queries import ShelfQueries
from rising_bsm.marketplace.submissions.scanner import Scanner
from rising_bsm.marketplace.submissions.service import Submissions
from rising_bsm.marketplace.submissions.tables import Submission
from rising_bsm.plugins.market.index import Listing
from rising_bsm.runtime import Cipher
from support.bundles import make_files, make_key, make_manifest, make_signed_bundle
from support.people import make_actor, make_user

FINE = Finding("ok", "readme", "The README is there.")
YES = {"decision": "approve", "reason": "It does what it says."}


@dataclass
class Listed:
    """What the index was told, in order: an index that only remembers is enough where the test is not about it."""

    versions: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    async def put_all(self, items: Sequence[tuple[Listing, str, int]], *, session: Any) -> None:
        if self.broken:
            raise ConnectionError("the lights went out")
        self.versions += [(one.plugin, one.version, str(one.status)) for one, _, _ in items]


@dataclass
class Census:
    """Two installs of everything."""

    async def of(self, plugin_id: str) -> dict[str, Any]:
        return {"installs": 2, "versions": {"1.0.0": 2}, "crash_free": 0.75}


@dataclass
class Desk:
    """An office with one publisher, acme, of `owner`, and one operator, `boss`."""

    database: Database
    blobs: Blobs
    cipher: Cipher
    index: Any
    findings: list[Finding] = field(default_factory=lambda: [FINE])
    scanned: list[Surroundings] = field(default_factory=list)
    owner: Actor = field(default_factory=make_actor)
    boss: Actor = field(default_factory=make_actor)
    stranger: Actor = field(default_factory=make_actor)

    def __post_init__(self) -> None:
        self.shelving = Shelving(self.database, self.cipher, lambda: self.blobs, self.index)
        self.notices = Notices(self.database, self.index)
        self.pruning = Pruning(self.database, lambda: self.blobs)
        self.scanner = self.new_scanner()
        self.submissions = Submissions(self.database, lambda: self.blobs, self.shelving, self.scanner)
        self.publishers = Publishers(self.database)
        self.revocations = KeyRevocations(self.database, self.shelving)
        self.versions = Versions(self.database, self.shelving)
        self.dashboard = Dashboard(self.database, Census())

    def new_scanner(self) -> Scanner:
        """As another process has one."""
        return Scanner(self.database, lambda: self.blobs, self.scan, self.notices.to_review, self.shelving.finish_all)

    async def scan(self, _data: bytes, surroundings: Surroundings) -> Sequence[Finding]:
        self.scanned.append(surroundings)
        return self.findings

    async def submit(self, version: str = "1.0.0", *, actor: Actor | None = None, **options: Any) -> Submission:
        """A bundle of acme.hello, submitted by its owner."""
        channel, draft = options.pop("channel", "stable"), options.pop("draft", False)
        data = bundle(version, **options)
        return await self.submissions.submit(actor or self.owner, data, channel=channel, draft=draft)

    async def in_review(self, version: str = "1.0.0", **options: Any) -> Submission:
        """As `submit`, and scanned."""
        submission = await self.submit(version, **options)
        assert await self.scanner.scan_next() == submission.id
        return submission

    async def approved(self, version: str = "1.0.0", **options: Any) -> Submission:
        """As `in_review`, and approved."""
        submission = await self.in_review(version, **options)
        await self.submissions.decide(self.boss, submission.id, YES)
        return submission

    async def released(self, version: str = "1.0.0", **options: Any) -> Submission:
        """As `approved`, and to be had."""
        submission = await self.approved(version, **options)
        await self.versions.change(self.owner, submission.plugin_id, version, "release", None)
        return submission

    async def state(self, submission: Submission) -> str:
        """As stored now."""
        return str((await self.submissions.get(self.boss, submission.id))["state"])

    async def version(self, version: str = "1.0.0", plugin_id: str = "acme.hello") -> MarketVersion | None:
        """As stored now."""
        async with self.database.reading() as session:
            return await ShelfQueries(session).version(plugin_id, version)


def bundle(version: str = "1.0.0", *, key: SigningKey | None = None, files: Any = None, **manifest: Any) -> bytes:
    """A signed bundle of acme.hello."""
    said = make_manifest(version=version, **manifest)
    return make_signed_bundle(key=key, manifest=said, files=make_files(files))


def key_draft(publisher: str = "acme", key: SigningKey | None = None) -> dict[str, Any]:
    """What registers a key."""
    key = key or make_key()
    return {"public_key": str(key.public_key), "proof": prove(publisher, key)}


def publisher_draft(name: str = "acme", **fields: str) -> dict[str, str]:
    return {"name": name, "display_name": name.title(), "email": "author@acme.example"} | fields


@asynccontextmanager
async def open_desk(database: Database, *, real_index: bool = False) -> AsyncIterator[Desk]:
    """A desk; `acme` has the key of these tests. Owner, operator and stranger are people of the database."""
    with TemporaryDirectory() as folder:
        cipher = Cipher(b"s" * 32)
        index = Index(database, cipher) if real_index else Listed()
        desk = Desk(database, Blobs.at(str(Path(folder) / "blobs")), cipher, index)
        desk.owner = await person(database, Role.PUBLISHER)
        desk.stranger = await person(database, Role.PUBLISHER)
        desk.boss = await person(database, Role.ADMIN)
        await desk.publishers.create(desk.owner, publisher_draft())
        await desk.publishers.add_key(desk.owner, "acme", key_draft())
        yield desk


async def person(database: Database, role: Role) -> Actor:
    """Somebody of the database, with what the role may do."""
    user = await make_user(database, role=role)
    return Actor(user.id, user.name, role.permissions)
