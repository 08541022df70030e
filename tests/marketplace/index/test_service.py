"""The index as the operator's side keeps it, read by the client that instances have."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion
from rising_bsm.marketplace.index import Index
from rising_bsm.marketplace.index.errors import KeysUnreadable, RootAway, VersionReListed
from rising_bsm.marketplace.index.roles import Role
from rising_bsm.marketplace.index.root import RootKeys
from rising_bsm.marketplace.index.tables import IndexFile, IndexKey
from rising_bsm.plugins.market.index import IndexClient, IndexLimits, IndexRefused
from rising_bsm.runtime import Cipher
from support.bundles import make_key
from support.index import START, digest_of, make_listing
from support.people import make_actor

pytestmark = pytest.mark.anyio

PLUGIN = "acme.loyalty"
CIPHER = Cipher(b"s" * 32)
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"])
"""Where nothing depends on the database."""


class Clock:
    """The time that the database room tells, wherever it is asked."""

    def __init__(self) -> None:
        self.now = START

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("rising_bsm.marketplace.index.service.now", lambda: clock.now)
    return clock


@pytest.fixture
async def index(database: Database, clock: Clock) -> Index:
    return Index(database, CIPHER)


def make_plugin(plugin_id: str = PLUGIN) -> MarketPlugin:
    return MarketPlugin(plugin_id=plugin_id, publisher="acme", pricing="free", host=">=0")


def make_version(plugin_id: str = PLUGIN, version: str = "1.0.0", **fields: Any) -> MarketVersion:
    manifest = {
        "host": ">=0.1,<1",
        "permissions": [{"code": "customers.read", "reason": "To count them."}],
        "optional_permissions": [{"code": "users.read", "reason": "To name them."}],
        "network": [{"url": "https://api.example.com/", "reason": "To ask.", "methods": ["GET"]}],
        "dependencies": {"acme.base": ">=1"},
    }
    digest = digest_of(f"{plugin_id} {version}".encode())
    known = {
        "channel": "stable",
        "status": VersionStatus.PUBLISHED,
        "bundle_sha256": digest,
        "bundle_size": 100,
        "blob_sha256": digest,
        "blob_size": 100,
        "encrypted": False,
        "security": False,
        "reason": None,
        "released_at": START,
        "key_id": make_key().public_key.key_id,
        "manifest_json": manifest,
    }
    return MarketVersion(plugin_id=plugin_id, version=version, **(known | fields))


async def put(index: Index, plugin_id: str = PLUGIN, version: str = "1.0.0", **fields: Any) -> None:
    await index.put(make_version(plugin_id, version, **fields), make_plugin(plugin_id), [str(make_key().public_key)])


def client_of(index: Index, folder: Path, clock: Clock) -> IndexClient:
    async def fetch(name: str) -> AsyncIterator[bytes]:
        yield await index.file(name)

    return IndexClient(folder, fetch, limits=IndexLimits(fresh_seconds=0), now=lambda: clock.now)


@asynccontextmanager
async def another_process(database: Database) -> AsyncIterator[Index]:
    """The index with its own connections."""
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        yield Index(other, CIPHER)
    finally:
        await other.close()


async def files(database: Database) -> list[tuple[str, int]]:
    async with database.reading() as session:
        query = select(IndexFile.role, IndexFile.version).order_by(IndexFile.role, IndexFile.version)
        return [(row.role, row.version) for row in await session.execute(query)]


def version_in(data: bytes) -> int:
    return int(json.loads(data)["signed"]["version"])


class TestPut:
    """Versions are listed."""

    @ON_SQLITE
    async def test_everything_that_is_said_of_a_version(self, index: Index, tmp_path: Path, clock: Clock) -> None:
        await put(index, security=True, encrypted=True, blob_sha256="b" * 64, blob_size=120, reason='Old.\n"é"')

        found = await client_of(index, tmp_path, clock).find(PLUGIN, "1.0.0")

        assert found is not None
        assert found.model_dump() == {
            "plugin": PLUGIN,
            "version": "1.0.0",
            "channel": "stable",
            "status": "published",
            "reason": 'Old.\n"é"',
            "bundle_sha256": digest_of(f"{PLUGIN} 1.0.0".encode()),
            "bundle_size": 100,
            "encrypted": True,
            "publisher": "acme",
            "publisher_keys": (str(make_key().public_key),),
            "key_id": make_key().public_key.key_id,
            "permissions": ("customers.read",),
            "optional_permissions": ("users.read",),
            "network": ("https://api.example.com/",),
            "host": ">=0.1,<1",
            "dependencies": {"acme.base": ">=1"},
            "security": True,
            "pricing": "free",
            "released_at": START,
            "blob_sha256": "b" * 64,
            "blob_size": 120,
            "stale": False,
        }
        assert found.keys == [make_key().public_key]

    @ON_SQLITE
    @pytest.mark.parametrize("status", list(VersionStatus))
    async def test_every_status(self, index: Index, tmp_path: Path, clock: Clock, status: VersionStatus) -> None:
        await put(index, status=status, released_at=None)

        found = await client_of(index, tmp_path, clock).find(PLUGIN, "1.0.0")
        assert found is not None
        assert (found.status, found.released_at) == (status, None)

    @ON_SQLITE
    async def test_a_new_status_of_what_is_listed(self, index: Index, tmp_path: Path, clock: Clock) -> None:
        client = client_of(index, tmp_path, clock)
        await put(index, status=VersionStatus.APPROVED)
        for status in (VersionStatus.PUBLISHED, VersionStatus.REVOKED):
            await put(index, status=status)
            found = await client.find(PLUGIN, "1.0.0")
            assert found is not None
            assert found.status == status
            assert [one.status for one in (await client.versions(PLUGIN)).values()] == [status]

    @ON_SQLITE
    @pytest.mark.parametrize(
        "changed",
        [
            {"blob_sha256": "0" * 64},
            {"blob_size": 101},
            {"bundle_sha256": "0" * 64},
            {"bundle_size": 101},
            {"encrypted": True},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    async def test_never_with_other_bytes(
        self, index: Index, tmp_path: Path, clock: Clock, changed: dict[str, Any]
    ) -> None:
        await put(index)
        before = await index.file("timestamp.json")

        with pytest.raises(VersionReListed) as caught:
            await put(index, **changed)

        assert (caught.value.code, caught.value.place) == ("index.re_listed", f"{PLUGIN} 1.0.0")
        assert await index.file("timestamp.json") == before
        assert await client_of(index, tmp_path, clock).find(PLUGIN, "1.0.0")

    async def test_the_same_again_signs_nothing(self, index: Index) -> None:
        await put(index)
        before = await index.file("timestamp.json")

        await put(index)

        assert await index.file("timestamp.json") == before

    async def test_all_or_none(self, index: Index, database: Database) -> None:
        await put(index)
        before = await files(database)
        items = [(make_listing("acme.other"), "a" * 64, 1), (make_listing(PLUGIN), "b" * 64, 1)]

        with pytest.raises(VersionReListed):
            await index.put_all(items)

        assert await files(database) == before

    async def test_only_what_changes_is_signed(self, index: Index, database: Database) -> None:
        await put(index)
        before = set(await files(database))

        await put(index, version="1.0.1")

        kinds = sorted("bin" if "-" in role else role for role, _ in set(await files(database)) - before)
        assert kinds == ["bin", "bin", "snapshot", "timestamp"]

    async def test_in_a_transaction_that_is_open(self, index: Index, database: Database) -> None:
        await index.start()
        before = await files(database)

        with suppress(ZeroDivisionError):
            async with database.transaction() as session:
                await index.put(make_version(), make_plugin(), [], session=session)
                raise ZeroDivisionError
        assert await files(database) == before

        async with database.transaction() as session:
            await index.put(make_version(), make_plugin(), [], session=session)
        assert await files(database) != before

    async def test_in_a_transaction_when_there_is_no_index_yet(
        self, index: Index, database: Database, tmp_path: Path, clock: Clock
    ) -> None:
        async with database.transaction() as session:
            await index.put(make_version(), make_plugin(), [], session=session)

        assert await client_of(index, tmp_path, clock).find(PLUGIN, "1.0.0")

    @ON_SQLITE
    async def test_a_name_that_is_a_path(self, index: Index) -> None:
        with pytest.raises(Error):
            await put(index, "../../evil")


class TestFiles:
    """What is served."""

    @ON_SQLITE
    @pytest.mark.parametrize(
        "name",
        [
            "3.root.json",
            "root.json",
            "0.root.json",
            "01.root.json",
            "1.timestamp.json",
            "1.license.json",
            "1.reviewed-0.json",
            "1.reviewed-zz.json",
            "1.reviewed-00.json",
            "9999999999999999999.root.json",
            "../1.root.json",
            "1.root.json\n",
            "",
            "1.root.json?x",
            "+1.root.json",
            "١.root.json",
        ],
    )
    async def test_nothing_else(self, index: Index, name: str) -> None:
        with pytest.raises(Error) as caught:
            await index.file(name)
        assert caught.value.code == "index.no_such_file"

    async def test_those_of_before_for_three_days(self, index: Index, database: Database, clock: Clock) -> None:
        await put(index)
        old = await index.file("1.snapshot.json")
        clock.wait(days=2, hours=23)
        await index.renew()
        assert await index.file("1.snapshot.json") == old
        clock.wait(hours=2)
        await index.renew()

        with pytest.raises(Error):
            await index.file("1.snapshot.json")
        assert await index.file("1.root.json")
        assert [role for role, _ in await files(database)].count("timestamp") == 1

    async def test_the_digest_of_the_first_root_never_changes(self, index: Index) -> None:
        before = await index.root_digest()
        await index.rotate("root")

        assert await index.root_digest() == before == digest_of(await index.file("1.root.json"))


class TestRenewal:
    """Whoever asks finds an index that is not about to be over."""

    async def test_the_timestamp_when_it_is_asked_for(self, index: Index, tmp_path: Path, clock: Clock) -> None:
        first = await index.file("timestamp.json")
        clock.wait(hours=12)
        assert await index.file("timestamp.json") == first
        clock.wait(seconds=1)

        assert version_in(await index.file("timestamp.json")) == 2
        await client_of(index, tmp_path, clock).refresh()

    async def test_a_year_in_which_somebody_asks_every_day(self, index: Index, tmp_path: Path, clock: Clock) -> None:
        await put(index)
        client = client_of(index, tmp_path, clock)
        for _ in range(30):
            clock.wait(days=13)
            assert await client.find(PLUGIN, "1.0.0")

        assert not any(one.soon for one in await index.expiries())

    @ON_SQLITE
    async def test_two_years_in_which_nobody_asked(self, index: Index, tmp_path: Path, clock: Clock) -> None:
        await put(index)
        client = client_of(index, tmp_path, clock)
        await client.refresh()
        clock.wait(days=730)

        assert await client.find(PLUGIN, "1.0.0")

    @ON_SQLITE
    async def test_bins_a_few_a_day(self, index: Index, database: Database, clock: Clock) -> None:
        names = [f"acme.p{number}" for number in range(60)]
        await index.put_all([(make_listing(name), "a" * 64, 1) for name in names])
        bins = sum("-" in role for role, _ in await files(database))
        assert bins > 40
        clock.wait(days=46)
        before = set(await files(database))

        await index.renew()
        assert sum("-" in role for role, _ in set(await files(database)) - before) == 32

        clock.wait(days=43)
        await index.renew()
        assert min(one.days_left for one in await index.expiries() if one.role is Role.REVIEWED) >= 47

    async def test_many_who_ask_at_once(self, index: Index, database: Database, clock: Clock) -> None:
        await put(index)
        clock.wait(hours=13)

        async with another_process(database) as other:
            asked = [one.file("timestamp.json") for one in (index, other) for _ in range(10)]
            found = {version_in(data) for data in await asyncio.gather(*asked)}

        assert found == {3}

    async def test_what_cannot_be_renewed_is_served_as_it_is(
        self, index: Index, database: Database, clock: Clock
    ) -> None:
        data = await index.file("timestamp.json")
        clock.wait(hours=13)

        assert await Index(database, Cipher.of_the_moment()).file("timestamp.json") == data

    @ON_SQLITE
    async def test_who_is_told(self, index: Index, database: Database, clock: Clock) -> None:
        await put(index)
        days = {Role.TIMESTAMP: 1, Role.SNAPSHOT: 7, Role.TARGETS: 90, Role.REVIEWED: 90, Role.ROOT: 365}
        assert [(one.role, one.days_left, one.soon) for one in await index.expiries()] == [
            (role, left, False) for role, left in days.items()
        ]
        await _take_root_away(database)
        clock.wait(days=336)
        await index.renew()

        found = {one.role: one.soon for one in await index.expiries()}
        assert found == {role: role is Role.ROOT for role in found}
        assert json.dumps([one.as_dict() for one in await index.expiries()])


class TestRotation:
    """New keys."""

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.LICENSE])
    async def test_clients_follow(self, index: Index, tmp_path: Path, clock: Clock, role: Role) -> None:
        await put(index)
        client, before = client_of(index, tmp_path, clock), (await index.keys())[role]
        assert await client.find(PLUGIN, "1.0.0")

        await index.rotate(role)

        after = (await index.keys())[role]
        assert len(after) == len(before) == (3 if role is Role.ROOT else 1)
        assert not {key.key_id for key in after} & {key.key_id for key in before}
        assert await client.find(PLUGIN, "1.0.0")
        await put(index, version="1.0.1")
        assert await client.find(PLUGIN, "1.0.1")
        assert await client_of(index, tmp_path / "new", clock).find(PLUGIN, "1.0.0")

    async def test_old_private_keys_are_gone(self, index: Index, database: Database) -> None:
        await index.start()
        for role in Role:
            await index.rotate(role)

        async with database.reading() as session:
            rows = (await session.scalars(select(IndexKey))).all()
        assert len(rows) == 16
        assert all((row.retired_at is None) == (row.private_key is not None) for row in rows)

    @ON_SQLITE
    async def test_licences_of_the_old_key_stay_good(self, index: Index, tmp_path: Path, clock: Clock) -> None:
        client = client_of(index, tmp_path, clock)
        first = (await index.signing_key("license")).public_key
        assert await client.licence_keys() == [first]

        await index.rotate("license")

        second = (await index.signing_key("license")).public_key
        assert second != first
        assert await client.licence_keys() == [second, first]

    @ON_SQLITE
    async def test_unless_it_was_stolen(self, index: Index, tmp_path: Path, clock: Clock) -> None:
        client = client_of(index, tmp_path, clock)
        await index.rotate("license", compromised=True)

        assert await client.licence_keys() == [(await index.signing_key("license")).public_key]

    @ON_SQLITE
    @pytest.mark.parametrize("role", ["", "reviewed-00", "ROOT", "../root"])
    async def test_of_no_role(self, index: Index, role: str) -> None:
        with pytest.raises(Error) as caught:
            await index.rotate(role)
        assert caught.value.code == "index.no_such_role"

    async def test_without_root_keys(self, index: Index, database: Database, tmp_path: Path, clock: Clock) -> None:
        await put(index)
        await _take_root_away(database)

        for role in ("root", "timestamp", "snapshot", "targets"):
            with pytest.raises(RootAway):
                await index.rotate(role)
        await index.rotate("reviewed")
        await index.rotate("license")
        assert await client_of(index, tmp_path, clock).find(PLUGIN, "1.0.0")

    @ON_SQLITE
    async def test_a_key_in_use_is_what_the_metadata_says(self, index: Index) -> None:
        await index.rotate("timestamp")
        root = json.loads(await index.file("2.root.json"))["signed"]

        assert root["roles"]["timestamp"]["keyids"] == [key.key_id for key in (await index.keys())[Role.TIMESTAMP]]
        assert (root["roles"]["root"]["threshold"], len(root["roles"]["root"]["keyids"])) == (2, 3)


class TestProcesses:
    """Several processes, and one after the other."""

    async def test_two_that_begin_at_once(self, index: Index, database: Database) -> None:
        async with another_process(database) as other:
            digests = await asyncio.gather(*(one.root_digest() for one in (index, other)))

        assert digests[0] == digests[1]
        async with database.reading() as session:
            assert len((await session.scalars(select(IndexKey))).all()) == 8

    async def test_two_that_list_at_once(self, index: Index, database: Database, tmp_path: Path, clock: Clock) -> None:
        async with another_process(database) as other:
            await asyncio.gather(
                *(put(one, version=f"{number}.{at}.0") for number in range(8) for at, one in enumerate((index, other)))
            )

        client = client_of(index, tmp_path, clock)
        assert len(await client.versions(PLUGIN)) == 16
        for number in range(8):
            assert await client.find(PLUGIN, f"{number}.1.0")

    async def test_two_that_rotate_and_list_at_once(
        self, index: Index, database: Database, tmp_path: Path, clock: Clock
    ) -> None:
        await put(index)
        async with another_process(database) as other:
            await asyncio.gather(
                *(other.rotate(role) for role in ("reviewed", "snapshot", "root", "timestamp")),
                *(put(index, version=f"2.{number}.0") for number in range(4)),
            )

        client = client_of(index, tmp_path, clock)
        assert len(await client.versions(PLUGIN)) == 5

    async def test_a_restart(self, index: Index, database: Database, tmp_path: Path, clock: Clock) -> None:
        await put(index)
        client = client_of(index, tmp_path, clock)
        await client.refresh()
        async with another_process(database) as later:
            await put(later, version="1.1.0")

        assert await client.find(PLUGIN, "1.1.0")

    async def test_readers_beside_writers_see_whole_states(
        self, index: Index, database: Database, tmp_path: Path, clock: Clock
    ) -> None:
        await put(index)
        clients = [client_of(index, tmp_path / str(number), clock) for number in range(3)]

        async def write() -> None:
            for number in range(10):
                await put(index, version=f"3.{number}.0")

        async def read(client: IndexClient) -> None:
            for _ in range(10):
                assert await client.find(PLUGIN, "1.0.0")

        await asyncio.gather(write(), *(read(client) for client in clients))


class TestSecrets:
    """Private keys at rest."""

    async def test_nobody_reads_them_in_the_database(self, index: Index, database: Database) -> None:
        await index.start()

        async with database.reading() as session:
            rows = [str(row) for row in await session.execute(text("SELECT * FROM index_keys"))]
        assert len(rows) == 8
        assert not [row for row in rows if "PRIVATE" in row]

    @ON_SQLITE
    async def test_another_secret_of_the_instance(self, index: Index, database: Database) -> None:
        await index.start()
        other = Index(database, Cipher.of_the_moment())

        for asking in (put(other), other.rotate("root"), other.signing_key("license")):
            with pytest.raises(KeysUnreadable) as caught:
                await asking
            assert caught.value.next_step

    @ON_SQLITE
    async def test_a_key_that_was_swapped_in_the_database(
        self, index: Index, database: Database, tmp_path: Path, clock: Clock
    ) -> None:
        await index.start()
        async with database.transaction() as session:
            rows = {row.role: row for row in (await session.scalars(select(IndexKey))).all()}
            rows["timestamp"].private_key = rows["snapshot"].private_key

        with pytest.raises(KeysUnreadable):
            await put(index)


@ON_SQLITE
async def test_metadata_that_was_changed_in_the_database(
    index: Index, database: Database, tmp_path: Path, clock: Clock
) -> None:
    await put(index, status=VersionStatus.REVOKED)
    async with database.transaction() as session:
        for row in (await session.scalars(select(IndexFile).where(IndexFile.role.like("reviewed-%")))).all():
            row.data = row.data.replace(b'"revoked"', b'"unknown"')

    with pytest.raises(IndexRefused) as caught:
        await client_of(index, tmp_path, clock).find(PLUGIN, "1.0.0")
    assert caught.value.code == "index.mixed"


async def _take_root_away(database: Database) -> None:
    async with database.transaction() as session:
        for row in (await session.scalars(select(IndexKey).where(IndexKey.role == "root"))).all()[:2]:
            row.private_key = None


@ON_SQLITE
async def test_all_of_it_is_signed_again_when_the_operator_says_so(index: Index, clock: Clock) -> None:
    await index.start()
    before = {expiry.role: expiry for expiry in await index.expiries()}
    clock.wait(hours=1)
    await index.sign_again(make_actor(permissions=["marketplace.manage"]))
    after = {expiry.role: expiry for expiry in await index.expiries()}
    assert {role: expiry.version for role, expiry in after.items()} == {
        role: expiry.version + 1 for role, expiry in before.items()
    }
    assert all(after[role].expires_at == expiry.expires_at + timedelta(hours=1) for role, expiry in before.items())


@ON_SQLITE
async def test_signing_again_leaves_a_root_whose_keys_are_away(index: Index, database: Database, clock: Clock) -> None:
    await index.start()
    keys = RootKeys(database, CIPHER)
    await keys.forget(await keys.here())
    clock.wait(hours=1)
    await index.sign_again(make_actor(permissions=["marketplace.manage"]))
    versions = {str(expiry.role): expiry.version for expiry in await index.expiries()}
    assert versions == {"root": 1, "targets": 2, "snapshot": 2, "timestamp": 2}
