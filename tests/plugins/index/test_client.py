"""Reading an index when nobody attacks: what is asked for, what is kept, what is told when nobody answers."""

import asyncio
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import DelegatedRole, Delegations
from tuf.ngclient import Updater
from tuf.ngclient.fetcher import FetcherInterface

from rising_bsm.db import now
from rising_bsm.errors import Error, Failed
from rising_bsm.marketplace.index.roles import Role
from rising_bsm.plugins.market.index import IndexClient, IndexRefused, IndexUnreachable, StateUnusable
from support.index import START, Simulator, blob_of, digest_of, public, resigned

pytestmark = pytest.mark.anyio

PLUGIN, VERSION = "acme.loyalty", "1.0.0"


@pytest.fixture
async def market() -> Simulator:
    simulator = Simulator()
    simulator.put(PLUGIN, VERSION)
    return simulator


async def code_of(asking: Any) -> str:
    with pytest.raises(Error) as caught:
        await asking
    assert caught.value.next_step
    return caught.value.code


async def test_what_is_listed_is_told(market: Simulator, tmp_path: Path) -> None:
    market.put(PLUGIN, "2.0.0-beta.1", channel="beta", status="suspended", reason="Loses points.", security=True)

    found = await market.client(tmp_path).find(PLUGIN, "2.0.0-beta.1")

    assert found is not None
    assert (found.plugin, found.version, found.channel, found.status) == (PLUGIN, "2.0.0-beta.1", "beta", "suspended")
    assert (found.reason, found.security, found.released_at, found.stale) == ("Loses points.", True, START, False)
    blob = blob_of(PLUGIN, "2.0.0-beta.1")
    assert (found.blob_sha256, found.blob_size) == (digest_of(blob), len(blob))
    assert not found.may_be_installed


@pytest.mark.parametrize(
    ("status", "may"),
    [("approved", False), ("published", True), ("deprecated", True), ("suspended", False), ("revoked", False)],
)
async def test_what_may_be_installed(market: Simulator, tmp_path: Path, status: str, may: bool) -> None:
    market.put(PLUGIN, "2.0.0", status=status)

    found = await market.client(tmp_path).find(PLUGIN, "2.0.0")

    assert found is not None
    assert found.may_be_installed is may


@pytest.mark.parametrize(("plugin", "version"), [(PLUGIN, "1.0.1"), ("acme.other", VERSION), ("zebra.zebra", "9.0.0")])
async def test_what_is_not_listed_is_none(market: Simulator, tmp_path: Path, plugin: str, version: str) -> None:
    assert await market.client(tmp_path).find(plugin, version) is None
    assert await market.client(tmp_path).versions(plugin) == {} or plugin == PLUGIN


async def test_every_version_is_told(market: Simulator, tmp_path: Path) -> None:
    market.put(PLUGIN, "1.1.0", channel="beta")
    market.put(PLUGIN, VERSION, status="revoked")

    found = await market.client(tmp_path).versions(PLUGIN)

    assert {version: (one.channel, one.status) for version, one in found.items()} == {
        VERSION: ("stable", "revoked"),
        "1.1.0": ("beta", "published"),
    }


async def test_a_change_is_seen_the_next_time(market: Simulator, tmp_path: Path) -> None:
    client = market.client(tmp_path)
    before = await client.find(PLUGIN, VERSION)
    assert before is not None
    assert before.status == "published"

    market.put(PLUGIN, VERSION, status="revoked", reason="Steals.")

    found = await client.find(PLUGIN, VERSION)
    assert found is not None
    assert (found.status, found.reason) == ("revoked", "Steals.")


async def test_only_what_is_needed_is_asked_for(market: Simulator, tmp_path: Path) -> None:
    for number in range(20):
        market.put(f"acme.p{number}")
    client = market.client(tmp_path)
    assert await client.find(PLUGIN, VERSION)
    mine = market.bin_of(PLUGIN, VERSION)
    assert [name for name in market.asked if "reviewed" in name] == [f"{market.version_of(mine)}.{mine}.json"]

    market.asked.clear()
    assert await client.find(PLUGIN, VERSION)
    assert market.asked == ["2.root.json", "timestamp.json"]

    market.asked.clear()
    assert await market.client(tmp_path).find(PLUGIN, VERSION)
    assert market.asked == ["2.root.json", "timestamp.json"]


async def test_within_a_minute_nothing_is_asked_again(market: Simulator, tmp_path: Path) -> None:
    client = market.client(tmp_path, fresh_seconds=60.0)
    assert await client.find(PLUGIN, VERSION)
    market.asked.clear()

    assert await client.find(PLUGIN, VERSION)
    assert market.asked == []

    await client.refresh()
    assert market.asked == ["2.root.json", "timestamp.json"]
    market.wait(days=2)
    assert await code_of(client.find(PLUGIN, VERSION)) == "index.expired"


async def test_after_a_refusal_nothing_is_told_from_before(market: Simulator, tmp_path: Path) -> None:
    client = market.client(tmp_path, fresh_seconds=60.0)
    await client.refresh()
    true, market.served["timestamp.json"] = market.served["timestamp.json"], b"{}"
    assert await code_of(client.refresh()) == "index.unreadable"

    assert await code_of(client.find(PLUGIN, VERSION)) == "index.unreadable"
    assert await code_of(client.find(PLUGIN, VERSION, even_stale=True)) == "index.unreadable"

    market.served["timestamp.json"] = true
    assert await client.find(PLUGIN, VERSION)


async def test_keys_of_licences(market: Simulator, tmp_path: Path) -> None:
    client = market.client(tmp_path)
    first = public(market.keys[Role.LICENSE])
    assert await client.licence_keys() == first

    second = [key.public_key for key in market.keys[Role.TIMESTAMP]]
    market.edit(lambda edition: edition.list_licence_keys([*second, *first]))
    assert await client.licence_keys() == [*second, *first]


@pytest.mark.parametrize("keys", [None, ["no key"], 7, "rbsm-ed25519:", [1]])
async def test_keys_of_licences_that_are_none(market: Simulator, tmp_path: Path, keys: object) -> None:
    def spoil(edition: Any) -> None:
        edition._metadata("targets").signed.targets["keys/license.json"].custom["keys"] = keys
        edition.touch(["targets"])

    market.edit(spoil)
    assert await code_of(market.client(tmp_path).licence_keys()) == "index.unreadable"


@pytest.mark.parametrize(
    ("plugin", "version"),
    [
        ("../../etc/passwd", VERSION),
        ("acme.loyalty/../other", VERSION),
        ("acme", VERSION),
        ("ACME.loyalty", VERSION),
        ("acme.loyalty\n", VERSION),
        ("acme.loyalty\x00", VERSION),
        ("a" * 100 + ".x", VERSION),
        ("", VERSION),
        (PLUGIN, "../1.0.0"),
        (PLUGIN, "1.0.0/../../x"),
        (PLUGIN, "1.0"),
        (PLUGIN, "01.0.0"),
        (PLUGIN, "1.0.0\n"),
        (PLUGIN, ""),
    ],
)
async def test_a_name_is_never_a_path(market: Simulator, tmp_path: Path, plugin: str, version: str) -> None:
    assert await code_of(market.client(tmp_path).find(plugin, version)) == "index.bad_name"
    if version == VERSION:
        assert await code_of(market.client(tmp_path).versions(plugin)) == "index.bad_name"
    assert market.asked == []


class TestDelegations:
    """Bins are ours alone: whoever has the key of targets cannot name files for us to write, or roles to look into."""

    @pytest.mark.parametrize(
        "changed",
        [
            {"name_prefix": "../../reviewed"},
            {"name_prefix": "timestamp"},
            {"name_prefix": ""},
            {"bit_length": 16},
            {"bit_length": 4},
        ],
        ids=str,
    )
    async def test_other_bins(self, market: Simulator, tmp_path: Path, changed: dict[str, Any]) -> None:
        def change(edition: Any) -> None:
            for name, value in changed.items():
                setattr(edition._metadata("targets").signed.delegations.succinct_roles, name, value)
            edition.touch(["targets"])

        market.edit(change)
        assert await code_of(market.client(tmp_path).refresh()) == "index.unreadable"
        assert sorted(os.listdir(tmp_path)) == [
            "first-root.json",
            "lock",
            "snapshot.json",
            "time.json",
            "timestamp.json",
        ]

    async def test_roles_by_path(self, market: Simulator, tmp_path: Path) -> None:
        role = DelegatedRole("../../evil", [], 1, terminating=True, paths=["*"])

        def change(edition: Any) -> None:
            edition._metadata("targets").signed.delegations = Delegations({}, roles={role.name: role})
            edition.touch(["targets"])

        market.edit(change)
        assert await code_of(market.client(tmp_path).find(PLUGIN, VERSION)) == "index.unreadable"


class TestMissing:
    """A file is not there."""

    @pytest.mark.parametrize("name", ["1.root.json", "timestamp.json", "2.snapshot.json", "1.targets.json", "bin"])
    async def test_at_the_first_time(self, market: Simulator, tmp_path: Path, name: str) -> None:
        del market.served[f"1.{market.bin_of(PLUGIN, VERSION)}.json" if name == "bin" else name]

        assert await code_of(market.client(tmp_path).find(PLUGIN, VERSION)) == "index.missing"

    async def test_another_error_than_not_found_says_so_by_its_code(self, market: Simulator, tmp_path: Path) -> None:
        async def fetch(name: str) -> Any:
            if name not in market.served:
                raise Failed("No.", code="index.no_such_file")
            yield market.served[name]

        assert await IndexClient(tmp_path, fetch, now=lambda: START).find(PLUGIN, VERSION)


class TestUnreachable:
    """Nobody answers: what was known is told for a while, as such, and only to who asks for it."""

    async def test_nothing_is_told_unless_asked_for(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        assert await client.find(PLUGIN, VERSION)
        market.down = True

        for asking in (client.refresh(), client.find(PLUGIN, VERSION), client.versions(PLUGIN), client.licence_keys()):
            with pytest.raises(IndexUnreachable) as caught:
                await asking
            assert caught.value.code == "index.unreachable"

    async def test_what_was_known_is_marked(self, market: Simulator, tmp_path: Path) -> None:
        assert await market.client(tmp_path).find(PLUGIN, VERSION)
        assert await market.client(tmp_path).versions(PLUGIN)
        market.down = True
        client = market.client(tmp_path)

        found = await client.find(PLUGIN, VERSION, even_stale=True)

        assert found is not None
        assert found.stale
        assert found.status == "published"
        assert not found.may_be_installed
        assert list(await client.versions(PLUGIN, even_stale=True)) == [VERSION]
        assert await client.licence_keys(even_stale=True) == public(market.keys[Role.LICENSE])

    async def test_for_seven_days_after_it_is_over(self, market: Simulator, tmp_path: Path) -> None:
        assert await market.client(tmp_path).find(PLUGIN, VERSION)
        market.down = True
        client = market.client(tmp_path)
        market.wait(days=8, seconds=-1)
        assert await client.find(PLUGIN, VERSION, even_stale=True)
        market.wait(seconds=1)

        assert await code_of(client.find(PLUGIN, VERSION, even_stale=True)) == "index.expired"

        market.down = False
        market.renew()
        found = await client.find(PLUGIN, VERSION)
        assert found is not None
        assert found.may_be_installed

    async def test_what_is_not_known_is_not_told_to_be_missing(self, market: Simulator, tmp_path: Path) -> None:
        market.put("acme.other")
        await market.client(tmp_path).refresh()
        market.down = True

        assert (
            await code_of(market.client(tmp_path).find("acme.other", VERSION, even_stale=True)) == "index.unreachable"
        )

    async def test_a_bin_of_another_time_is_not_told(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        assert await client.find(PLUGIN, VERSION)
        market.put(PLUGIN, VERSION, status="revoked")
        await client.refresh()
        market.down = True

        assert await code_of(client.find(PLUGIN, VERSION, even_stale=True)) == "index.unreachable"

    async def test_nothing_was_ever_known(self, market: Simulator, tmp_path: Path) -> None:
        market.down = True

        assert await code_of(market.client(tmp_path).find(PLUGIN, VERSION, even_stale=True)) == "index.unreachable"

    async def test_a_pin_counts_then_too(self, market: Simulator, tmp_path: Path) -> None:
        assert await market.client(tmp_path).find(PLUGIN, VERSION)
        market.down = True

        asking = market.client(tmp_path, "0" * 64).find(PLUGIN, VERSION, even_stale=True)
        assert await code_of(asking) == "index.wrong_root"

    async def test_a_broken_connection(self, market: Simulator, tmp_path: Path) -> None:
        async def fetch(_: str) -> Any:
            raise ConnectionResetError("reset by peer")
            yield b""

        assert await code_of(IndexClient(tmp_path, fetch).refresh()) == "index.unreachable"

    async def test_the_connection_is_closed_when_too_much_comes(self, market: Simulator, tmp_path: Path) -> None:
        closed = []

        async def stream() -> Any:
            try:
                while True:
                    yield b" " * 4096
            finally:
                closed.append(True)

        market.streams["timestamp.json"] = stream
        assert await code_of(market.client(tmp_path).refresh()) == "index.too_long"
        assert closed == [True]


class TestState:
    """What is remembered between processes."""

    async def test_it_is_private(self, market: Simulator, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "b"
        assert await market.client(folder).find(PLUGIN, VERSION)

        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert not [path for path in folder.iterdir() if path.name.startswith(".new")]

    async def test_two_processes_that_begin_at_once(self, market: Simulator, tmp_path: Path) -> None:
        clients = [market.client(tmp_path) for _ in range(4)]
        found = await asyncio.gather(*(client.find(PLUGIN, VERSION) for client in clients))
        assert all(found)

    async def test_who_is_slower_does_not_put_back_the_older(self, market: Simulator, tmp_path: Path) -> None:
        slow, quick = market.client(tmp_path), market.client(tmp_path)
        await quick.refresh()

        async def meanwhile() -> Any:
            """The slow one is given the old timestamp; before it has it, the quick one has kept a newer one."""
            del market.streams["timestamp.json"]
            market.renew()
            await quick.refresh()
            yield old["timestamp.json"]

        market.renew()
        old = market.recorded()
        market.streams["timestamp.json"] = meanwhile
        await slow.refresh()

        kept = json.loads((tmp_path / "timestamp.json").read_bytes())["signed"]["version"]
        assert kept == market.version_of("timestamp")

    @pytest.mark.parametrize("name", ["timestamp.json", "snapshot.json", "targets.json", "bin"])
    async def test_a_damaged_file_is_read_anew(self, market: Simulator, tmp_path: Path, name: str) -> None:
        assert await market.client(tmp_path).find(PLUGIN, VERSION)
        path = tmp_path / (f"{market.bin_of(PLUGIN, VERSION)}.json" if name == "bin" else name)
        path.write_bytes(path.read_bytes()[:50])

        assert await market.client(tmp_path).find(PLUGIN, VERSION)
        assert len(path.read_bytes()) > 50

    async def test_damaged_floors_are_not_passed_over(self, market: Simulator, tmp_path: Path) -> None:
        assert await market.client(tmp_path).find(PLUGIN, VERSION)
        (tmp_path / "floors.json").write_bytes(b"{")

        assert await code_of(market.client(tmp_path).find(PLUGIN, VERSION)) == "index.state_unusable"

    async def test_a_link_is_replaced_and_not_followed(self, market: Simulator, tmp_path: Path) -> None:
        folder, other = tmp_path / "state", tmp_path / "other"
        folder.mkdir()
        other.write_text("precious")
        (folder / "timestamp.json").symlink_to(other)
        (folder / "floors.json").symlink_to(tmp_path / "nothing")

        assert await market.client(folder).find(PLUGIN, VERSION)
        assert other.read_text() == "precious"
        assert not (tmp_path / "nothing").exists()

    async def test_a_folder_that_cannot_be_made(self, market: Simulator, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(StateUnusable):
            await market.client(tmp_path / "file" / "state").refresh()

    async def test_a_crash_between_two_files_does_no_harm(
        self, market: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await market.client(tmp_path).refresh()
        for role in (Role.ROOT, Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS, Role.REVIEWED):
            market.rotate(role)
        replace, left = os.replace, 0

        def crash(source: str, target: Path) -> None:
            nonlocal left
            if not left:
                raise KeyboardInterrupt
            left -= 1
            replace(source, target)

        monkeypatch.setattr(os, "replace", crash)
        for steps in range(20):
            left = steps
            try:
                found = await market.client(tmp_path).find(PLUGIN, VERSION)
            except KeyboardInterrupt:
                continue
            assert found
            break
        else:
            pytest.fail("never done")
        assert steps > 3


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
_NUMBER = st.integers(0, 2**16)
_SPOILED: st.SearchStrategy[Callable[[bytes], bytes]] = st.one_of(
    st.binary(max_size=200).map(lambda data: lambda _: data),
    _NUMBER.map(lambda end: lambda true: true[: end % len(true)]),
    st.tuples(_NUMBER, st.binary(min_size=1, max_size=1)).map(lambda at: lambda true: _with_byte(true, *at)),
    st.tuples(_NUMBER, _JSON).map(lambda at: lambda true: _with_field(true, *at)),
    st.sampled_from(
        [
            b"[" * 5000,
            b'{"signatures":' + b"[" * 900 + b"]" * 900 + b',"signed":{"_type":"root"}}',
            b'{"signatures":[],"signed":{"_type":"timestamp","version":' + b"9" * 5000 + b"}}",
        ]
    ).map(lambda data: lambda _: data),
)


def _with_byte(true: bytes, at: int, byte: bytes) -> bytes:
    place = at % len(true)
    return true[:place] + byte + true[place + 1 :]


def _with_field(true: bytes, number: int, value: Any) -> bytes:
    whole = json.loads(true)
    places = [(whole, name) for name in whole] + [(whole["signed"], name) for name in whole["signed"]]
    part, name = places[number % len(places)]
    part[name] = value
    return json.dumps(whole).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=_NUMBER, spoil=_SPOILED)
async def test_whatever_comes_only_our_errors_leave(
    market: Simulator, tmp_path: Path, number: int, spoil: Callable[[bytes], bytes]
) -> None:
    true = dict(market.served)
    name = sorted(true)[number % len(true)]
    market.served = true | {name: spoil(true[name])}
    try:
        found = await market.client(Path(tempfile.mkdtemp(dir=tmp_path))).find(PLUGIN, VERSION)
    except IndexRefused:
        found = None
    finally:
        market.served = true
    assert found is None or found.blob_sha256 == digest_of(blob_of(PLUGIN, VERSION))


NONSENSE = [
    (field, value)
    for field in ("version", "expires", "meta", "spec_version", "_type")
    for value in (None, "x", -1, 0, 1.5, [], {}, True)
    if (field, value) != ("spec_version", None)  # which means the version of the library
]


@pytest.mark.parametrize(("field", "value"), NONSENSE, ids=map(repr, NONSENSE))
async def test_a_timestamp_that_is_signed_and_makes_no_sense(
    market: Simulator, tmp_path: Path, field: str, value: Any
) -> None:
    text = json.loads(market.served["timestamp.json"])
    text["signed"][field] = value
    market.served["timestamp.json"] = json.dumps(text).encode()

    with pytest.raises(IndexRefused):
        await market.client(tmp_path).refresh()


class _Files(FetcherInterface):
    def __init__(self, served: dict[str, bytes]) -> None:
        self._served = served

    def _fetch(self, url: str) -> Any:
        name = url.rpartition("/")[2]
        if name not in self._served:
            raise DownloadHTTPError("not found", 404)
        return iter([self._served[name]])


async def test_the_clients_of_others_read_it_too(tmp_path: Path) -> None:
    market = Simulator(now())
    market.put(PLUGIN, VERSION)
    updater = Updater(
        str(tmp_path),
        "https://market.example/",
        fetcher=_Files(market.served),
        bootstrap=market.served["1.root.json"],
    )

    found = updater.get_targetinfo(f"bundles/{PLUGIN}/{VERSION}.rbsm")

    assert found is not None
    assert found.hashes == {"sha256": digest_of(blob_of(PLUGIN, VERSION))}


async def test_signatures_of_strangers_beside_the_true_ones_do_no_harm(market: Simulator, tmp_path: Path) -> None:
    stranger = Simulator().keys[Role.TIMESTAMP]
    market.served["timestamp.json"] = resigned(
        market.served["timestamp.json"], [*stranger, *market.keys[Role.TIMESTAMP]]
    )
    assert await market.client(tmp_path).find(PLUGIN, VERSION)

    market.served["timestamp.json"] = resigned(market.served["timestamp.json"], [])
    assert await code_of(market.client(tmp_path / "new").refresh()) == "index.bad_signature"
