"""What may be brought, by whom: each hostile upload with the code it must get."""

import asyncio

import pytest

from rising_bsm.accounts import Role
from rising_bsm.bundle import BundleLimits, canonical, pack, sign
from rising_bsm.bundle.archive import append, write_archive
from rising_bsm.bundle.envelope import seal
from rising_bsm.bundle.framing import read_frame
from rising_bsm.bundle.layout import AUTHOR_SIGNATURE
from rising_bsm.bundle.statement import describe
from rising_bsm.errors import Conflict, Error, PermissionDenied
from rising_bsm.marketplace.submissions.schema import Listing
from rising_bsm.marketplace.submissions.service import MOST_OPEN
from support.bundles import make_bundle, make_files, make_key, make_manifest
from support.office import YES, Desk, bundle, key_draft, person, publisher_draft

pytestmark = pytest.mark.anyio

OTHER = make_key(7)


async def refused(desk: Desk, data: bytes, **options: object) -> str:
    """The code that the owner's upload is refused with."""
    with pytest.raises(Error) as refusal:
        await desk.submissions.submit(desk.owner, data, **options)  # type: ignore[arg-type] # as somebody may send it
    assert (await desk.submissions.list(desk.boss, _all()))["items"] == []
    return refusal.value.code


def _all() -> Listing:
    return Listing.of({})


async def test_a_signed_bundle_becomes_a_submission(desk: Desk) -> None:
    submission = await desk.submit(channel="beta")
    said = await desk.submissions.get(desk.owner, submission.id)
    assert (said["state"], said["plugin_id"], said["version"]) == ("submitted", "acme.hello", "1.0.0")
    assert (said["channel"], said["position"], said["decisions"]) == ("beta", 1, [])
    assert await desk.submissions.bundle(desk.boss, submission.id) == bundle()


async def test_an_unsigned_one(desk: Desk) -> None:
    assert await refused(desk, make_bundle()) == "bundle.unsigned"


async def test_one_signed_by_a_stranger(desk: Desk) -> None:
    assert await refused(desk, bundle(key=OTHER)) == "bundle.untrusted_key"


async def test_one_signed_by_the_key_of_another_publisher(desk: Desk) -> None:
    await desk.publishers.create(desk.stranger, publisher_draft("globex"))
    await desk.publishers.add_key(desk.stranger, "globex", key_draft("globex", OTHER))
    assert await refused(desk, bundle(key=OTHER)) == "bundle.untrusted_key"


async def test_ones_own_key_does_not_sign_for_another_publisher(desk: Desk) -> None:
    await desk.publishers.create(desk.stranger, publisher_draft("globex"))
    assert await refused(desk, bundle(publisher="globex")) == "bundle.key_of_other_publisher"


async def test_somebody_elses_bundle_in_good_order(desk: Desk) -> None:
    with pytest.raises(Error) as refusal:
        await desk.submissions.submit(desk.stranger, bundle())
    assert refusal.value.code == "submissions.no_keys"


async def test_a_changed_one(desk: Desk) -> None:
    data = bytearray(bundle())
    data[60] ^= 1
    assert (await refused(desk, bytes(data))).startswith("bundle.")


async def test_a_bomb(desk: Desk) -> None:
    loose = BundleLimits(unpacked_per_packed_byte=2_000)
    data = sign(pack(make_manifest(), make_files({"code/zeros.txt": bytes(19_000_000)}), loose), make_key(), loose)
    assert len(data) < 50_000
    assert await refused(desk, data) == "bundle.compression_ratio"
    assert await refused(desk, bytes(20_000_001)) == "bundle.too_large"


@pytest.mark.parametrize("name", ["Hel\x1b[2Jlo", "Hel\nlo", "Hello\u202eolleh", "\x00"])
async def test_a_name_that_acts_on_terminals(desk: Desk, name: str) -> None:
    with pytest.raises(Error) as refusal:
        make_manifest(display_name=name)
    assert refusal.value.code == "bundle.manifest"
    # Nor from somebody who writes and signs the archive with tools of their own.
    manifest = canonical.encode(make_manifest().model_dump(mode="json") | {"display_name": name})
    assert (await refused(desk, signed_as_it_is(make_files({"manifest.json": manifest})))) == "bundle.manifest"


def signed_as_it_is(files: dict[str, bytes]) -> bytes:
    """An archive with a good signature over files that nobody has looked at."""
    archive = write_archive(files)
    frame = read_frame(archive, BundleLimits())
    statement = describe(make_manifest(), files, frame.prefix)
    seals = {AUTHOR_SIGNATURE: seal(statement.to_bytes(), make_key())}
    return append(bytes(frame.prefix), frame.files, seals, BundleLimits())


async def test_no_channel_of_this_name(desk: Desk) -> None:
    assert await refused(desk, bundle(), channel="nightly") == "submissions.channel"


async def test_nothing_at_all(desk: Desk) -> None:
    assert (await refused(desk, b"")).startswith("bundle.")


async def test_who_is_no_publisher(desk: Desk) -> None:
    employee = await person(desk.database, Role.EMPLOYEE)
    with pytest.raises(PermissionDenied):
        await desk.submissions.submit(employee, bundle())


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("1.0.0", "submissions.known_version"),
        ("1.0", "bundle.manifest"),
        ("0.9.0", "submissions.old_version"),
        ("0.99.99", "submissions.old_version"),
        ("1.0.1", None),
        ("2.0.0", None),
    ],
)
async def test_a_version_is_above_all_that_were_ever_approved(desk: Desk, version: str, code: str | None) -> None:
    await desk.approved("1.0.0")
    try:
        await desk.submit(version, files={"code/acme_hello/more.py": b"x = 1\n"})
        told = None
    except Error as error:
        told = error.code
    assert told == code


async def test_a_revoked_version_is_not_brought_again(desk: Desk) -> None:
    await desk.released()
    await desk.versions.change(desk.boss, "acme.hello", "1.0.0", "revoke", {"reason": "It leaks."})
    with pytest.raises(Error) as refusal:
        await desk.submit(files={"code/acme_hello/more.py": b"x = 1\n"})
    assert refusal.value.code == "submissions.known_version"


@pytest.mark.parametrize("decision", ["reject", "request_changes"])
async def test_a_version_that_was_never_approved_may_be_brought_again(desk: Desk, decision: str) -> None:
    first = await desk.in_review()
    await desk.submissions.decide(desk.boss, first.id, {"decision": decision, "reason": "No."})
    second = await desk.submit(files={"code/acme_hello/more.py": b"x = 1\n"})
    assert second.bundle_sha256 != first.bundle_sha256


async def test_one_version_is_submitted_once_at_a_time(on_each_database: Desk) -> None:
    desk = on_each_database
    told = await asyncio.gather(*(desk.submit() for _ in range(5)), return_exceptions=True)
    codes = [one.code for one in told if isinstance(one, Error)]
    assert codes == ["submissions.open_already"] * 4


async def test_a_publisher_has_so_many_open_and_no_more(desk: Desk) -> None:
    for number in range(MOST_OPEN):
        await desk.submit(f"1.0.{number}")
    with pytest.raises(Conflict) as refusal:
        await desk.submit("2.0.0")
    assert refusal.value.code == "submissions.too_many"


async def test_others_see_nothing_of_it(desk: Desk) -> None:
    submission = await desk.submit()
    reads = (desk.submissions.get, desk.submissions.diff, desk.submissions.bundle)
    for read in (*reads, desk.submissions.withdraw, desk.submissions.send):
        with pytest.raises(Error) as refusal:
            await read(desk.stranger, submission.id)
        assert refusal.value.code == "submissions.not_found"
    assert (await desk.submissions.list(desk.stranger, _all()))["items"] == []


async def test_what_is_approved_later_must_still_be_above_the_rest(desk: Desk) -> None:
    older, newer = await desk.submit("1.0.0"), await desk.submit("1.1.0")
    for _ in range(2):
        await desk.scanner.scan_next()
    await desk.submissions.decide(desk.boss, newer.id, YES)
    with pytest.raises(Conflict) as refusal:
        await desk.submissions.decide(desk.boss, older.id, YES)
    assert refusal.value.code == "submissions.old_version"
    assert await desk.state(older) == "in_review"


async def test_the_bundle_that_is_signed_again_is_another_bundle(desk: Desk) -> None:
    data = sign(make_bundle(), make_key())
    assert (await desk.submissions.submit(desk.owner, data)).bundle_size == len(data)
