"""A key is revoked: nothing more is taken from it, and what it has signed goes with it if somebody else had it."""

from pathlib import Path
from typing import Any

import pytest

from rising_bsm.errors import Error
from rising_bsm.marketplace.index import Index
from rising_bsm.marketplace.publishing.revoking import Revocation
from rising_bsm.marketplace.submissions.tables import Submission
from rising_bsm.plugins.market.index import IndexClient, Listed
from support.bundles import make_key
from support.office import YES, Desk, key_draft, publisher_draft

pytestmark = pytest.mark.anyio

OLD, NEW = make_key(), make_key(5)
STOLEN = {"reason": "The laptop was stolen.", "compromised": True}
PUT_AWAY = {"reason": "The laptop is replaced.", "compromised": False}
BECAUSE = "The key that has signed it was revoked: The laptop was stolen."


async def revoke(desk: Desk, draft: Any = STOLEN, **options: Any) -> Revocation:
    known = {"actor": desk.owner, "name": "acme", "key_id": OLD.public_key.key_id} | options
    return await desk.revocations.revoke(known["actor"], known["name"], known["key_id"], draft)


async def code_of(call: Any) -> str | None:
    try:
        await call
    except Error as error:
        return error.code
    return None


async def add_key(desk: Desk) -> None:
    await desk.publishers.add_key(desk.owner, "acme", key_draft("acme", NEW))


async def status(desk: Desk, version: str) -> tuple[str, str | None]:
    found = await desk.version(version)
    assert found is not None
    return str(found.status), found.reason


@pytest.mark.parametrize("draft", [STOLEN, PUT_AWAY])
async def test_nothing_more_is_taken_that_it_has_signed(desk: Desk, draft: Any) -> None:
    waiting = [await desk.in_review("1.0.0"), await desk.submit("1.1.0"), await desk.submit("1.2.0", draft=True)]
    await revoke(desk, draft)

    assert [await desk.state(one) for one in waiting] == ["withdrawn"] * 3
    assert await code_of(desk.submit("1.3.0")) == "submissions.no_keys"
    await add_key(desk)
    assert await code_of(desk.submit("1.3.0")) == "bundle.untrusted_key"
    assert await code_of(desk.submit("1.3.0", key=NEW)) is None
    assert await desk.scanner.scan_next() is not None, "what was withdrawn is not scanned"
    assert await desk.scanner.scan_next() is None
    [decision] = (await desk.submissions.get(desk.owner, waiting[0].id))["decisions"]
    assert (decision["decision"], draft["reason"] in decision["reason"]) == ("withdraw", True)


async def test_versions_of_a_stolen_key_are_revoked_with_it(desk: Desk) -> None:
    await desk.released("1.0.0")
    await desk.approved("1.1.0")
    await add_key(desk)
    await desk.released("2.0.0", key=NEW)

    done = await revoke(desk, actor=desk.boss)

    assert done.versions == ["acme.hello 1.0.0", "acme.hello 1.1.0"]
    assert [await status(desk, version) for version in ("1.0.0", "1.1.0", "2.0.0")] == [
        ("revoked", BECAUSE),
        ("revoked", BECAUSE),
        ("published", None),
    ]
    assert await code_of(desk.versions.change(desk.owner, "acme.hello", "1.1.0", "release", None)) is not None
    assert (await revoke(desk)).versions == [], "once is enough"


async def test_versions_of_a_key_that_was_put_away_stay_what_they_are(desk: Desk) -> None:
    await desk.released("1.0.0")
    await desk.approved("1.1.0")
    assert (await revoke(desk, PUT_AWAY)).versions == []
    await desk.versions.change(desk.owner, "acme.hello", "1.1.0", "release", None)
    assert [await status(desk, version) for version in ("1.0.0", "1.1.0")] == [("published", None)] * 2

    # It turns out that it was stolen: that can be said later, and not be unsaid.
    assert (await revoke(desk)).versions == ["acme.hello 1.0.0", "acme.hello 1.1.0"]
    assert await status(desk, "1.1.0") == ("revoked", BECAUSE)
    assert (await revoke(desk, PUT_AWAY)).key.compromised_at is not None
    [told] = await desk.publishers.keys(desk.boss, "acme")
    assert (told["reason"], told["compromised_at"] is not None) == ("The laptop was stolen.", True)


async def test_the_signed_index_says_so_in_the_same_moment(on_each_database: Desk, tmp_path: Path) -> None:
    desk = on_each_database
    await desk.released("1.0.0")
    await add_key(desk)
    await desk.released("2.0.0", key=NEW)

    await revoke(desk, PUT_AWAY)
    assert [(one.status, keys(one)) for one in await listed(desk.index, tmp_path / "1")] == [
        ("published", {OLD.public_key.key_id, NEW.public_key.key_id}),
        ("published", {NEW.public_key.key_id}),
    ]
    await revoke(desk)
    old, new = await listed(desk.index, tmp_path / "2")
    assert (old.status, old.reason, new.status) == ("revoked", BECAUSE, "published")
    assert keys(old) == keys(new) == {NEW.public_key.key_id}


def keys(one: Listed) -> set[str]:
    return {key.key_id for key in one.keys}


async def listed(index: Index, folder: Path) -> list[Listed]:
    """Both versions, as somebody sees them who comes now."""

    async def fetch(name: str) -> Any:
        yield await index.file(name)

    client = IndexClient(folder, fetch)
    found = [await client.find("acme.hello", version) for version in ("1.0.0", "2.0.0")]
    return [one for one in found if one is not None]


async def test_an_approval_that_was_broken_off_does_not_come_through(desk: Desk) -> None:
    submission = await desk.in_review("1.0.0")
    desk.index.broken = True
    with pytest.raises(ConnectionError):
        await desk.submissions.decide(desk.boss, submission.id, YES)
    desk.index.broken = False
    await revoke(desk)

    await desk.shelving.finish_all()

    assert await status(desk, "1.0.0") == ("revoked", BECAUSE)
    assert desk.index.versions == [("acme.hello", "1.0.0", "revoked")]


async def test_what_came_in_at_that_very_moment_is_not_approved(desk: Desk) -> None:
    submission = await desk.in_review("1.0.0")
    await revoke(desk)
    async with desk.database.transaction() as session:
        (await session.get_one(Submission, submission.id)).state = "in_review"  # type: ignore[assignment]
    assert await code_of(desk.submissions.decide(desk.boss, submission.id, YES)) == "submissions.key_revoked"


async def test_only_the_owner_and_the_operator_revoke_and_see_keys(desk: Desk) -> None:
    await desk.publishers.create(desk.stranger, publisher_draft("globex"))
    for name, code in (("acme", "publishers.not_yours"), ("globex", "publishers.no_key")):
        assert await code_of(revoke(desk, actor=desk.stranger, name=name)) == code
    assert await code_of(desk.publishers.keys(desk.stranger, "acme")) == "publishers.not_yours"
    assert await code_of(revoke(desk, name="nobody", actor=desk.boss)) == "publishers.not_found"
    assert await code_of(revoke(desk, key_id="0" * 64)) == "publishers.no_key"
    [key] = await desk.publishers.keys(desk.owner, "acme")
    assert key["revoked_at"] is None


@pytest.mark.parametrize(
    "draft", [None, {}, {"reason": "Why"}, {"reason": "", "compromised": True}, {"compromised": 1}]
)
async def test_it_must_be_said_why_and_whether_somebody_else_has_it(desk: Desk, draft: Any) -> None:
    assert await code_of(revoke(desk, draft)) == "publishers.invalid_revocation"


async def test_a_revoked_key_never_comes_back(desk: Desk) -> None:
    await revoke(desk, PUT_AWAY)
    assert await code_of(desk.publishers.add_key(desk.owner, "acme", key_draft())) == "publishers.key_taken"
