"""Every attack that TUF names, against a client that has seen the true index before: each is refused for its reason.

The simulator is the same as in the tests where nothing is wrong, and each attack ends with the true index, which is
taken as if nothing had been.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rising_bsm.marketplace.index.roles import Role
from rising_bsm.plugins.market.index import BlobCheck, IndexRefused, StateUnusable, check_blob
from rising_bsm.plugins.market.index.layout import bin_of
from support.index import (
    Attacker,
    Simulator,
    blob_of,
    digest_of,
    dripping,
    forever,
    make_keys,
    make_listing,
    resigned,
    targets_of,
)

pytestmark = pytest.mark.anyio

PLUGIN, OLD, NEW = "acme.loyalty", "1.0.0", "1.1.0"


@pytest.fixture
async def market() -> Simulator:
    simulator = Simulator()
    simulator.put(PLUGIN, OLD)
    return simulator


async def refused(asking: Any) -> tuple[str, str | None]:
    """Why, and which file."""
    with pytest.raises(IndexRefused) as caught:
        await asking
    assert caught.value.next_step
    return caught.value.code, caught.value.place


class TestRollback:
    """Somebody shows what was true once."""

    async def test_of_the_timestamp(self, market: Simulator, tmp_path: Path) -> None:
        client, before = market.client(tmp_path), market.recorded()
        market.put(PLUGIN, NEW)
        await client.refresh()
        after, market.served = market.served, before

        assert await refused(client.refresh()) == ("index.rolled_back", "timestamp")

        market.served = after
        assert await client.find(PLUGIN, NEW)

    async def test_is_believed_by_who_has_never_seen_the_newer_one(self, market: Simulator, tmp_path: Path) -> None:
        before = market.recorded()
        market.put(PLUGIN, NEW)
        market.served = before

        assert await market.client(tmp_path).find(PLUGIN, NEW) is None

    @pytest.mark.parametrize("again", [False, True], ids=["same process", "restarted"])
    async def test_of_the_timestamp_after_a_restart(self, market: Simulator, tmp_path: Path, again: bool) -> None:
        client, before = market.client(tmp_path), market.recorded()
        market.renew()
        await client.refresh()
        market.served = before
        client = market.client(tmp_path) if again else client

        assert await refused(client.refresh()) == ("index.rolled_back", "timestamp")

    async def test_of_the_timestamp_that_another_process_has_seen_to_be_over(
        self, market: Simulator, tmp_path: Path
    ) -> None:
        client, other = market.client(tmp_path), market.client(tmp_path)
        await client.refresh()
        before = market.recorded()
        market.renew()
        await other.refresh()
        market.served = before

        assert await refused(client.refresh()) == ("index.rolled_back", "timestamp")

    async def test_of_the_snapshot_with_the_timestamps_key(self, market: Simulator, tmp_path: Path) -> None:
        client, before = market.client(tmp_path), market.current["snapshot"]
        market.put(PLUGIN, NEW)
        await client.refresh()
        old = market.version_of("snapshot") - 1
        attacker = Attacker(market, holds=[Role.TIMESTAMP])

        def back(timestamp: Any) -> None:
            timestamp.snapshot_meta.version, timestamp.snapshot_meta.length = old, len(before)
            timestamp.snapshot_meta.hashes = {"sha256": digest_of(before)}

        attacker.alter("timestamp", back)
        assert await refused(client.refresh()) == ("index.rolled_back", "timestamp")

    @pytest.mark.parametrize("role", ["targets", "bin"])
    async def test_of_what_the_snapshot_names_with_the_keys_of_both(
        self, market: Simulator, tmp_path: Path, role: str
    ) -> None:
        client = market.client(tmp_path)
        market.rotate(Role.REVIEWED)
        await client.refresh()
        name = "targets.json" if role == "targets" else f"{market.bin_of(PLUGIN, OLD)}.json"
        attacker = Attacker(market, holds=[Role.TIMESTAMP, Role.SNAPSHOT])

        attacker.alter("snapshot", lambda snapshot: setattr(snapshot.meta[name], "version", 1))
        assert await refused(client.refresh()) == ("index.rolled_back", "snapshot")

    async def test_by_leaving_out_a_bin_with_the_keys_of_both(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        name = f"{market.bin_of(PLUGIN, OLD)}.json"

        Attacker(market, holds=[Role.TIMESTAMP, Role.SNAPSHOT]).alter(
            "snapshot", lambda snapshot: snapshot.meta.pop(name)
        )
        assert await refused(client.refresh()) == ("index.rolled_back", "snapshot")

    async def test_by_leaving_out_a_version_with_the_keys_of_all(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        assert await client.find(PLUGIN, OLD)
        bin_ = market.bin_of(PLUGIN, OLD)

        Attacker(market, holds=list(Role)).alter(bin_, lambda signed: signed.targets.clear())
        assert await refused(client.find(PLUGIN, OLD)) == ("index.rolled_back", f"{PLUGIN} {OLD}")

    async def test_of_the_list_of_versions_with_the_keys_of_all(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        market.put(PLUGIN, NEW)
        assert sorted(await client.versions(PLUGIN)) == [OLD, NEW]
        path = f"plugins/{PLUGIN}.json"
        role = next(name for name, data in market.current.items() if path in data.decode())

        def lower(signed: Any) -> None:
            del signed.targets[path].custom["versions"][NEW]

        Attacker(market, holds=list(Role)).alter(role, lower)
        assert await refused(client.versions(PLUGIN)) == ("index.rolled_back", f"{PLUGIN} {NEW}")


class TestFreeze:
    """Somebody keeps showing what is true, so that nothing newer is seen."""

    @pytest.mark.parametrize("first", [False, True], ids=["seen before", "at first"])
    async def test_an_old_timestamp(self, market: Simulator, tmp_path: Path, first: bool) -> None:
        client = market.client(tmp_path)
        if not first:
            await client.refresh()
        market.wait(hours=23, minutes=59, seconds=59)
        await client.refresh()
        market.wait(seconds=1)

        assert await refused(client.refresh()) == ("index.expired", "timestamp")

        market.renew()
        assert await client.find(PLUGIN, OLD)

    @pytest.mark.parametrize("another_process", [False, True])
    async def test_a_clock_that_is_set_back_makes_nothing_good_again(
        self, market: Simulator, tmp_path: Path, another_process: bool
    ) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        market.wait(days=30)
        assert await refused(client.refresh()) == ("index.expired", "timestamp")

        market.wait(days=-30)

        client = market.client(tmp_path) if another_process else client
        assert await refused(client.refresh()) == ("index.clock_set_back", "time.json")
        market.down = True
        assert await refused(client.find(PLUGIN, OLD, even_stale=True)) == ("index.clock_set_back", "time.json")
        market.down = False
        market.wait(days=30)
        market.renew()
        assert await client.find(PLUGIN, OLD)

    async def test_nor_does_one_that_was_always_wrong_if_something_signed_says_what_time_it_is(
        self, market: Simulator, tmp_path: Path
    ) -> None:
        client = market.client(tmp_path)
        await client.saw(market.now + timedelta(days=30))
        assert await refused(client.refresh()) == ("index.clock_set_back", "time.json")

    async def test_a_clock_may_be_set_right_by_a_day(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        market.wait(hours=23)
        await client.refresh()
        market.wait(hours=-23)
        await client.refresh()
        await client.saw(market.now + timedelta(hours=24))
        await client.refresh()

    @pytest.mark.parametrize("damaged", [b"", b"[]", b'{"latest": 5}', b'{"latest": "soon"}', b"\xff"])
    async def test_what_was_seen_is_not_passed_over_when_it_is_damaged(
        self, market: Simulator, tmp_path: Path, damaged: bytes
    ) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        (tmp_path / "time.json").write_bytes(damaged)
        with pytest.raises(StateUnusable):
            await client.refresh()

    @pytest.mark.parametrize(("role", "days"), [("snapshot", 7), ("targets", 90), ("bin", 90), ("root", 365)])
    async def test_an_old_file_below_a_fresh_timestamp(
        self, market: Simulator, tmp_path: Path, role: str, days: int
    ) -> None:
        client, name = market.client(tmp_path), market.bin_of(PLUGIN, OLD)
        below = {"snapshot": [], "targets": ["snapshot"], "bin": ["snapshot", "targets"]}
        market.wait(days=days, hours=-1)
        market.renew("timestamp", *below.get(role, ["snapshot", "targets", name]))
        assert await client.find(PLUGIN, OLD)
        market.wait(hours=1)
        assert await refused(client.find(PLUGIN, OLD)) == ("index.expired", name if role == "bin" else role)
        market.renew("timestamp", *below.get(role, ["snapshot", "targets", name]))

        assert await refused(client.find(PLUGIN, OLD)) == ("index.expired", name if role == "bin" else role)


class TestMixAndMatch:
    """Somebody shows files that were never the index together."""

    async def test_another_snapshot_than_the_timestamp_names(self, market: Simulator, tmp_path: Path) -> None:
        old = market.current["snapshot"]
        market.put(PLUGIN, NEW)
        market.served[f"{market.version_of('snapshot')}.snapshot.json"] = old

        assert await refused(market.client(tmp_path).refresh()) == ("index.mixed", "snapshot")

    async def test_other_targets_than_the_snapshot_names(self, market: Simulator, tmp_path: Path) -> None:
        old = market.current["targets"]
        market.renew("targets")
        market.served["2.targets.json"] = old

        assert await refused(market.client(tmp_path).refresh()) == ("index.mixed", "targets")

    async def test_another_state_of_a_bin_than_the_snapshot_names(self, market: Simulator, tmp_path: Path) -> None:
        name = market.bin_of(PLUGIN, OLD)
        old = market.current[name]
        market.put(PLUGIN, OLD, status="deprecated")
        market.served[f"2.{name}.json"] = old

        assert await refused(market.client(tmp_path).find(PLUGIN, OLD)) == ("index.mixed", name)

    async def test_one_bin_as_another(self, market: Simulator, tmp_path: Path) -> None:
        market.put("acme.other", OLD)
        mine, other = market.bin_of(PLUGIN, OLD), market.bin_of("acme.other", OLD)
        assert mine != other
        market.served[f"1.{mine}.json"] = market.current[other]

        assert await refused(market.client(tmp_path).find(PLUGIN, OLD)) == ("index.mixed", mine)

    async def test_a_version_number_that_the_file_does_not_have(self, market: Simulator, tmp_path: Path) -> None:
        client, name = market.client(tmp_path), market.bin_of(PLUGIN, OLD)
        attacker = Attacker(market, holds=[Role.TIMESTAMP, Role.SNAPSHOT])
        market.served[f"2.{name}.json"] = market.current[name]

        attacker.alter("snapshot", lambda snapshot: setattr(snapshot.meta[f"{name}.json"], "version", 2))
        assert await refused(client.find(PLUGIN, OLD)) == ("index.mixed", name)


class TestEndlessData:
    """Somebody sends and sends."""

    @pytest.mark.parametrize("name", ["timestamp.json", "2.snapshot.json", "1.targets.json", "2.root.json", "bin"])
    async def test_a_file_that_never_ends(self, market: Simulator, tmp_path: Path, name: str) -> None:
        name = f"1.{market.bin_of(PLUGIN, OLD)}.json" if name == "bin" else name
        market.streams[name] = forever()

        assert await refused(market.client(tmp_path).find(PLUGIN, OLD)) == ("index.too_long", name)

        del market.streams[name]
        assert await market.client(tmp_path).find(PLUGIN, OLD)

    async def test_the_very_first_file(self, market: Simulator, tmp_path: Path) -> None:
        market.streams["1.root.json"] = forever()

        assert await refused(market.client(tmp_path).refresh()) == ("index.too_long", "1.root.json")

    async def test_no_more_is_read_than_the_file_has(self, market: Simulator, tmp_path: Path) -> None:
        data, name = market.current["targets"], "1.targets.json"
        market.served[name] = data + b" "

        assert await refused(market.client(tmp_path).refresh()) == ("index.too_long", name)

    async def test_a_file_that_drips(self, market: Simulator, tmp_path: Path) -> None:
        market.streams["timestamp.json"] = dripping(market.current["timestamp"], 0.01)

        client = market.client(tmp_path, file_seconds=0.05)
        assert await refused(client.refresh()) == ("index.too_slow", "timestamp.json")

    async def test_roots_without_end_are_followed_next_time(self, market: Simulator, tmp_path: Path) -> None:
        for _ in range(4):
            market.rotate(Role.ROOT)
        client = market.client(tmp_path, root_rotations=2)

        await client.refresh()
        assert "4.root.json" not in market.asked
        await client.refresh()
        assert "5.root.json" in market.asked


class TestWrongSoftware:
    """Somebody hands out something else than is listed."""

    async def test_what_is_listed_passes(self, market: Simulator, tmp_path: Path) -> None:
        listed = await market.client(tmp_path).find(PLUGIN, OLD)
        assert listed is not None

        check_blob(listed, blob_of(PLUGIN, OLD))

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (lambda data: data[:-1] + b"!", "index.wrong_bytes"),
            (lambda data: data + b"!", "index.wrong_length"),
            (lambda data: data[:-1], "index.wrong_length"),
            (lambda _: b"", "index.wrong_length"),
        ],
        ids=["other bytes", "longer", "shorter", "nothing"],
    )
    async def test_anything_else_does_not(
        self, market: Simulator, tmp_path: Path, change: Callable[[bytes], bytes], code: str
    ) -> None:
        listed = await market.client(tmp_path).find(PLUGIN, OLD)
        assert listed is not None

        with pytest.raises(IndexRefused) as caught:
            check_blob(listed, change(blob_of(PLUGIN, OLD)))
        assert (caught.value.code, caught.value.place) == (code, f"{PLUGIN} {OLD}")

    async def test_a_download_that_never_ends_is_given_up_at_once(self, market: Simulator, tmp_path: Path) -> None:
        listed = await market.client(tmp_path).find(PLUGIN, OLD)
        assert listed is not None
        check = BlobCheck(listed)
        check.feed(b" " * listed.blob_size)

        with pytest.raises(IndexRefused) as caught:
            check.feed(b" ")
        assert caught.value.code == "index.wrong_length"

    async def test_other_bytes_for_a_version_that_was_seen(self, market: Simulator, tmp_path: Path) -> None:
        client, name = market.client(tmp_path), market.bin_of(PLUGIN, OLD)
        assert await client.find(PLUGIN, OLD)
        attacker = Attacker(market, holds=list(Role))

        def relist(signed: Any) -> None:
            signed.targets[f"bundles/{PLUGIN}/{OLD}.rbsm"].hashes = {"sha256": "0" * 64}

        attacker.alter(name, relist)
        assert await refused(client.find(PLUGIN, OLD)) == ("index.re_listed", f"{PLUGIN} {OLD}")
        assert await refused(market.client(tmp_path).find(PLUGIN, OLD)) == ("index.re_listed", f"{PLUGIN} {OLD}")
        # Who has never seen the version cannot know better.
        assert await market.client(tmp_path / "new").find(PLUGIN, OLD)

    async def test_a_version_under_the_path_of_another(self, market: Simulator, tmp_path: Path) -> None:
        path, name = f"bundles/{PLUGIN}/{NEW}.rbsm", market.bin_of(PLUGIN, NEW)
        old = targets_of(market.current[market.bin_of(PLUGIN, OLD)]).targets[f"bundles/{PLUGIN}/{OLD}.rbsm"]
        market.put(PLUGIN, NEW)

        Attacker(market, holds=list(Role)).alter(name, lambda signed: signed.targets.__setitem__(path, old))
        assert await refused(market.client(tmp_path).find(PLUGIN, NEW)) == ("index.unreadable", path)

    async def test_the_versions_of_another_plugin(self, market: Simulator, tmp_path: Path) -> None:
        path, other = f"plugins/{PLUGIN}.json", "plugins/acme.other.json"
        market.put("acme.other", OLD)
        old = targets_of(market.current[bin_of(other)]).targets[other]

        Attacker(market, holds=list(Role)).alter(bin_of(path), lambda signed: signed.targets.__setitem__(path, old))
        assert await refused(market.client(tmp_path).versions(PLUGIN)) == ("index.unreadable", path)


class TestStolenKeys:
    """Somebody has keys; those of some roles are worth nothing alone, and new keys end what the old ones can do."""

    @pytest.mark.parametrize(
        ("holds", "place"),
        [
            ([], "timestamp"),
            ([Role.TIMESTAMP], "snapshot"),
            ([Role.TIMESTAMP, Role.SNAPSHOT], "bin"),
            ([Role.REVIEWED], "timestamp"),
            ([Role.REVIEWED, Role.TARGETS], "timestamp"),
            ([Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS], "bin"),
            ([Role.REVIEWED, Role.TIMESTAMP], "snapshot"),
        ],
    )
    async def test_a_version_of_an_attacker(
        self, market: Simulator, tmp_path: Path, holds: list[Role], place: str
    ) -> None:
        attacker = Attacker(market, holds)
        attacker.publish(lambda edition: edition.put(make_listing(PLUGIN, "6.6.6"), "0" * 64, 6))

        code, where = await refused(market.client(tmp_path).find(PLUGIN, "6.6.6"))
        assert (code, where) == ("index.bad_signature", market.bin_of(PLUGIN, "6.6.6") if place == "bin" else place)

    async def test_who_has_the_keys_of_all_of_them_can(self, market: Simulator, tmp_path: Path) -> None:
        attacker = Attacker(market, [Role.REVIEWED, Role.SNAPSHOT, Role.TIMESTAMP])
        attacker.publish(lambda edition: edition.put(make_listing(PLUGIN, "6.6.6"), "0" * 64, 6))

        assert await market.client(tmp_path).find(PLUGIN, "6.6.6")

    async def test_the_top_level_lists_no_version(self, market: Simulator, tmp_path: Path) -> None:
        attacker = Attacker(market, [Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP])
        custom = make_listing(PLUGIN, "6.6.6").model_dump(mode="json")
        attacker.list_at_top(f"bundles/{PLUGIN}/6.6.6.rbsm", custom, b"evil")

        assert await market.client(tmp_path).find(PLUGIN, "6.6.6") is None

    @pytest.mark.parametrize("role", [Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS, Role.REVIEWED])
    async def test_an_old_key_counts_no_more(self, market: Simulator, tmp_path: Path, role: Role) -> None:
        client = market.client(tmp_path)
        assert await client.find(PLUGIN, OLD)
        old = market.rotate(role)
        assert await client.find(PLUGIN, OLD)
        name = market.bin_of(PLUGIN, OLD) if role is Role.REVIEWED else role

        Attacker(market, holds={**market.keys, role: old}).publish(lambda edition: edition.touch([name]))
        assert await refused(client.find(PLUGIN, OLD)) == ("index.bad_signature", name)

        Attacker(market, holds=market.keys).publish(lambda edition: edition.touch([name]))
        assert await client.find(PLUGIN, OLD)

    async def test_an_old_root_key_counts_no_more(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        old = market.rotate(Role.ROOT)
        await client.refresh()

        Attacker(market, holds={**market.keys, Role.ROOT: old}).publish(lambda edition: edition.touch(["root"]))
        assert await refused(client.refresh()) == ("index.bad_root", "root")

    @pytest.mark.parametrize("role", ["timestamp", "snapshot"])
    async def test_numbers_that_were_driven_up_are_forgotten_with_the_keys(
        self, market: Simulator, tmp_path: Path, role: str
    ) -> None:
        client, stolen = market.client(tmp_path), [Role.TIMESTAMP, Role.SNAPSHOT]
        true = (dict(market.current), dict(market.served))
        Attacker(market, stolen).fast_forward(role)
        await client.refresh()
        market.current, market.served = true
        market.renew()
        market.renew()
        assert await refused(client.refresh()) == ("index.rolled_back", "timestamp")

        for one in stolen:
            market.rotate(one)
        assert await client.find(PLUGIN, OLD)

    async def test_numbers_of_a_bin_too(self, market: Simulator, tmp_path: Path) -> None:
        client, name = market.client(tmp_path), market.bin_of(PLUGIN, OLD)
        true = (dict(market.current), dict(market.served))
        Attacker(market, [Role.TIMESTAMP, Role.SNAPSHOT, Role.REVIEWED]).fast_forward(name)
        assert await client.find(PLUGIN, OLD)
        market.current, market.served = true
        for _ in range(3):
            market.renew()
        assert await refused(client.find(PLUGIN, OLD)) == ("index.rolled_back", "snapshot")

        for role in (Role.TIMESTAMP, Role.SNAPSHOT, Role.REVIEWED):
            market.rotate(role)
        assert await client.find(PLUGIN, OLD)


class TestRoots:
    """Who may name the keys of all others."""

    async def test_a_chain_of_many(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        for role in (Role.ROOT, Role.TIMESTAMP, Role.ROOT, Role.SNAPSHOT, Role.TARGETS, Role.ROOT):
            market.rotate(role)
        market.renew()

        assert await client.find(PLUGIN, OLD)
        assert await market.client(tmp_path / "new", market.root_digest).find(PLUGIN, OLD)

    @pytest.mark.parametrize(("held", "code"), [(1, "index.bad_root"), (2, None)])
    async def test_two_of_three_must_sign(self, market: Simulator, tmp_path: Path, held: int, code: str | None) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        market.edit(
            lambda edition: edition.touch(["root"]),
            lambda role: market.keys[role][:held] if role is Role.ROOT else market.keys[role],
        )

        if code:
            assert await refused(client.refresh()) == (code, "root")
        else:
            await client.refresh()

    async def test_the_same_signature_twice_is_one(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        market.renew("root")
        data = resigned(market.served["2.root.json"], market.keys[Role.ROOT][:1])
        one = data[data.index(b"{", 1) : data.index(b"}") + 1]
        market.served["2.root.json"] = data.replace(one, one + b"," + one, 1)

        assert await refused(client.refresh()) == ("index.unreadable", "root")

    @pytest.mark.parametrize("signed_by", ["old", "new"])
    async def test_a_new_root_is_signed_by_old_and_new_keys(
        self, market: Simulator, tmp_path: Path, signed_by: str
    ) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        old = market.rotate(Role.ROOT)
        whole = market.served["2.root.json"]
        keys = old if signed_by == "old" else market.keys[Role.ROOT]
        market.served["2.root.json"] = resigned(whole, keys)

        assert await refused(client.refresh()) == ("index.bad_root", "root")

        market.served["2.root.json"] = whole
        await client.refresh()

    async def test_none_is_skipped(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        market.renew("root")
        market.renew("root")
        market.served["2.root.json"] = market.served["3.root.json"]

        assert await refused(client.refresh()) == ("index.root_order", "root")

    async def test_none_is_taken_again(self, market: Simulator, tmp_path: Path) -> None:
        client = market.client(tmp_path)
        await client.refresh()
        market.served["2.root.json"] = market.served["1.root.json"]

        assert await refused(client.refresh()) == ("index.root_order", "root")

    async def test_another_marketplace(self, market: Simulator, tmp_path: Path) -> None:
        await market.client(tmp_path).refresh()
        other = Simulator()

        assert await refused(other.client(tmp_path).refresh()) == ("index.bad_signature", "timestamp")

    async def test_another_first_root_than_is_pinned(self, market: Simulator, tmp_path: Path) -> None:
        assert (await refused(market.client(tmp_path, "0" * 64).refresh()))[0] == "index.wrong_root"
        await market.client(tmp_path, market.root_digest.upper()).refresh()

    async def test_what_is_not_the_pinned_one_leaves_no_trace(self, market: Simulator, tmp_path: Path) -> None:
        assert (await refused(Simulator().client(tmp_path, market.root_digest).refresh()))[0] == "index.wrong_root"

        assert await market.client(tmp_path, market.root_digest).find(PLUGIN, OLD)

    async def test_a_pin_counts_for_what_was_believed_without_one(self, market: Simulator, tmp_path: Path) -> None:
        await market.client(tmp_path).refresh()

        assert (await refused(market.client(tmp_path, "0" * 64).refresh()))[0] == "index.wrong_root"

    async def test_a_first_root_that_its_keys_have_not_signed(self, market: Simulator, tmp_path: Path) -> None:
        market.served["1.root.json"] = resigned(market.served["1.root.json"], make_keys(Role.ROOT))

        assert await refused(market.client(tmp_path).refresh()) == ("index.bad_signature", "root")
