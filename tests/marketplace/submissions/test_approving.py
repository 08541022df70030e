"""From a decision to a version on the shelf, whatever breaks on the way."""

import hashlib

import pytest

from rising_bsm.errors import Error
from rising_bsm.licensing.content import decrypt
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.content_keys import open_content_key
from support.office import YES, Desk, Listed, bundle

pytestmark = pytest.mark.anyio

PAID = {"pricing": {"model": "paid", "trial_days": 14}}


async def test_a_free_one_is_handed_out_as_its_author_signed_it(on_each_database: Desk) -> None:
    desk = on_each_database
    submission = await desk.approved(files={"CHANGELOG.md": b"# 1.0.0\n", "icon.svg": b"<svg/>"})
    version = await desk.version()
    assert version is not None
    assert version.status == VersionStatus.APPROVED
    assert (version.encrypted, version.content_key) == (False, None)
    assert version.blob_sha256 == version.bundle_sha256 == submission.bundle_sha256
    assert await desk.blobs.read(version.blob_sha256) == await desk.submissions.bundle(desk.boss, submission.id)
    assert (version.readme, version.changelog) == ("# Hello\n", "# 1.0.0\n")
    assert version.submission_id == submission.id


async def test_one_that_is_paid_for_is_encrypted(desk: Desk) -> None:
    await desk.approved(**PAID)
    version = await desk.version()
    assert version is not None
    assert version.encrypted
    assert version.content_key is not None
    blob, plain = await desk.blobs.read(version.blob_sha256), bundle(**PAID)
    assert b"acme_hello" not in blob
    key = open_content_key(desk.cipher, "acme.hello", "1.0.0", version.content_key)
    assert decrypt(blob, key, plugin="acme.hello", version="1.0.0") == plain
    assert version.bundle_sha256 == hashlib.sha256(plain).hexdigest()


async def test_the_index_is_told_every_status(desk: Desk) -> None:
    await desk.released()
    for verb in ("deprecate", "suspend", "revoke"):
        await desk.versions.change(desk.boss, "acme.hello", "1.0.0", verb, {"reason": "Because."})
    statuses = ["approved", "published", "deprecated", "suspended", "revoked"]
    assert desk.index.versions == [("acme.hello", "1.0.0", status) for status in statuses]


@pytest.mark.parametrize("place", ["read", "put", "index"])
@pytest.mark.parametrize("more", [{}, PAID], ids=["free", "paid"])
async def test_what_a_crash_leaves_is_finished_by_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str, more: dict[str, object]
) -> None:
    submission = await desk.in_review(files={"icon.svg": b"<svg/>"}, **more)

    async def die(*_arguments: object, **_more: object) -> None:
        raise ConnectionError("the lights went out")

    with monkeypatch.context() as patch:
        patch.setattr(desk.index if place == "index" else desk.blobs, "put_all" if place == "index" else place, die)
        with pytest.raises(ConnectionError):
            await desk.submissions.decide(desk.boss, submission.id, YES)
    assert await desk.state(submission) == "approved"
    assert await desk.version() is None
    async with desk.new_scanner() as started:
        await _until_version(desk)
        started.wake()  # and to be ended at this very moment ends it
    assert desk.index.versions == [("acme.hello", "1.0.0", "approved")]


async def _until_version(desk: Desk) -> None:
    import asyncio

    async with asyncio.timeout(10):
        while await desk.version() is None:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)


async def test_finishing_twice_makes_one_version(on_each_database: Desk) -> None:
    import asyncio

    desk = on_each_database
    submission = await desk.approved()
    async with desk.database.transaction() as session:
        row = await session.get(type(submission), submission.id)
        assert row is not None
        assert not row.unfinished
    await asyncio.gather(*(desk.shelving.finish(submission.id) for _ in range(3)))
    await desk.shelving.finish_all()
    assert await desk.version() is not None


async def test_a_status_that_the_index_cannot_list_is_no_status(desk: Desk) -> None:
    await desk.released()
    assert isinstance(desk.index, Listed)
    desk.index.broken = True
    with pytest.raises(ConnectionError):
        await desk.versions.change(desk.boss, "acme.hello", "1.0.0", "revoke", {"reason": "It leaks."})
    version = await desk.version()
    assert version is not None
    assert version.status == VersionStatus.PUBLISHED


async def test_a_version_that_is_not_there(desk: Desk) -> None:
    for plugin, code in (("acme.hello", "versions.not_found"), ("nobody.hello", "publishers.not_found")):
        with pytest.raises(Error) as refusal:
            await desk.versions.change(desk.boss, plugin, "9.9.9", "release", None)
        assert refusal.value.code == code


@pytest.mark.parametrize("verb", ["deprecate", "suspend", "revoke"])
async def test_whoever_has_it_is_owed_a_reason(desk: Desk, verb: str) -> None:
    await desk.released()
    for draft in (None, {}, {"reason": ""}):
        with pytest.raises(Error) as refusal:
            await desk.versions.change(desk.boss, "acme.hello", "1.0.0", verb, draft)
        assert refusal.value.code == "versions.invalid"


async def test_a_security_release_says_so(desk: Desk) -> None:
    await desk.approved()
    changed = await desk.versions.change(desk.owner, "acme.hello", "1.0.0", "release", {"security": True})
    assert changed.security
    assert changed.released_at is not None
