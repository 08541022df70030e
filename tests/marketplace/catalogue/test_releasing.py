import pytest

from rising_bsm.errors import NotFound
from rising_bsm.marketplace.catalogue.releasing import VersionExists, WrongStatus, set_status
from rising_bsm.marketplace.catalogue.statuses import NEXT, VersionStatus
from support.catalogue import Shelf

pytestmark = pytest.mark.anyio

PUBLISHED, DEPRECATED, SUSPENDED, REVOKED = (
    VersionStatus.PUBLISHED,
    VersionStatus.DEPRECATED,
    VersionStatus.SUSPENDED,
    VersionStatus.REVOKED,
)


async def test_what_is_approved_is_not_shown_before_it_is_released(shelf: Shelf) -> None:
    await shelf.approve()
    assert await shelf.find() == []
    with pytest.raises(NotFound):
        await shelf.catalogue.plugin("acme.hello")

    plugin = await shelf.become(PUBLISHED)

    assert (plugin.listed, plugin.latest_version) == (True, "1.0.0")
    assert plugin.published_at is not None
    assert await shelf.find(q="hello") == ["acme.hello"]


async def test_a_version_is_never_replaced(shelf: Shelf) -> None:
    await shelf.publish()
    with pytest.raises(VersionExists) as refused:
        await shelf.approve()
    assert refused.value.place == "1.0.0"


async def test_the_plugin_says_what_its_newest_stable_version_says(shelf: Shelf) -> None:
    await shelf.publish(version="1.9.0", description="Old.", tags=["old"])
    await shelf.publish(version="1.10.0", description="New.", tags=["new"], pricing={"model": "paid", "trial_days": 9})
    await shelf.publish(version="1.11.0-beta.1", description="Beta.", channel="beta", tags=["beta"])

    detail = await shelf.catalogue.plugin("acme.hello")

    assert (detail["description"], detail["latest_version"], detail["tags"]) == ("New.", "1.10.0", ["new"])
    assert (detail["pricing"], detail["trial_days"]) == ("paid", 9)
    assert [one["version"] for one in detail["versions"]] == ["1.11.0-beta.1", "1.10.0", "1.9.0"]
    assert await shelf.find(tag="new") == ["acme.hello"]
    assert await shelf.find(tag="old") == await shelf.find(tag="beta") == []


async def test_a_beta_alone_is_listed_and_there_is_no_stable_version(shelf: Shelf) -> None:
    await shelf.publish(version="0.1.0-beta.1", channel="beta")
    [item] = (await shelf.catalogue.search({}))["items"]
    assert (item["id"], item["latest_version"]) == ("acme.hello", None)


@pytest.mark.parametrize("status", [SUSPENDED, REVOKED])
async def test_a_version_that_is_taken_back_gives_way_to_the_one_before(shelf: Shelf, status: VersionStatus) -> None:
    await shelf.publish(version="1.0.0", display_name="Before")
    await shelf.publish(version="2.0.0", display_name="After")

    plugin = await shelf.become(status, version="2.0.0")

    assert (plugin.latest_version, plugin.display_name) == ("1.0.0", "Before")
    assert await shelf.find(q="before") == ["acme.hello"]
    assert await shelf.find(q="after") == []
    [newest, _] = (await shelf.catalogue.versions("acme.hello"))["items"]
    assert (newest["status"], newest["reason"]) == (status, "tested")


async def test_without_a_version_to_be_had_nothing_is_listed(shelf: Shelf) -> None:
    await shelf.publish(tags=["gone"], category="finance")
    assert (await shelf.become(DEPRECATED)).listed
    plugin = await shelf.become(SUSPENDED)
    assert (plugin.listed, plugin.latest_version) == (False, None)
    for asked in ({}, {"q": "hello"}, {"tag": "gone"}, {"category": "finance"}, {"sort": "newest"}):
        assert await shelf.find(**asked) == []
    assert (await shelf.catalogue.categories())["tags"] == []

    assert (await shelf.become(PUBLISHED)).listed
    assert await shelf.find(q="hello", tag="gone") == ["acme.hello"]


@pytest.mark.parametrize("start", list(VersionStatus))
@pytest.mark.parametrize("end", list(VersionStatus))
async def test_only_statuses_that_follow_are_given(shelf: Shelf, start: VersionStatus, end: VersionStatus) -> None:
    version = await shelf.approve()
    async with shelf.database.transaction() as session:
        session.add(version)
        version.status = start
    if end in NEXT[start]:
        await shelf.become(end)
    else:
        with pytest.raises(WrongStatus):
            await shelf.become(end)


async def test_of_a_version_that_there_is_not_nothing_is_done(shelf: Shelf) -> None:
    await shelf.publish()
    for plugin_id, version in (("acme.hello", "9.9.9"), ("acme.other", "1.0.0")):
        with pytest.raises(NotFound):
            await shelf.become(PUBLISHED, plugin_id, version)


async def test_that_a_version_is_for_security_is_never_unsaid(shelf: Shelf) -> None:
    await shelf.publish()
    for security in (True, False):
        async with shelf.database.transaction() as session:
            status = DEPRECATED if security else PUBLISHED
            version, _ = await set_status(session, "acme.hello", "1.0.0", status, security=security)
        assert version.security


async def test_pictures_are_those_of_the_version_that_is_shown(shelf: Shelf) -> None:
    await shelf.publish(version="1.0.0", icon_sha256="a" * 64, screenshots=["b" * 64, "c" * 64])
    assert [await shelf.catalogue.kind_of(letter * 64) for letter in "abcd"] == ["picture"] * 3 + [None]
    await shelf.publish(version="2.0.0", screenshots=["d" * 64])
    assert [await shelf.catalogue.kind_of(letter * 64) for letter in "abcd"] == [None] * 3 + ["picture"]
    await shelf.become(REVOKED, version="1.0.0")
    await shelf.become(REVOKED, version="2.0.0")
    assert await shelf.catalogue.kind_of("d" * 64) is None


@pytest.mark.parametrize(("status", "kind"), [(DEPRECATED, "bundle"), (SUSPENDED, None), (REVOKED, None)])
async def test_only_bundles_to_be_had_are_handed_out(shelf: Shelf, status: VersionStatus, kind: str | None) -> None:
    version = await shelf.approve()
    assert await shelf.catalogue.kind_of(version.blob_sha256) is None
    await shelf.become(PUBLISHED)
    assert await shelf.catalogue.kind_of(version.blob_sha256) == "bundle"
    await shelf.become(status)
    assert await shelf.catalogue.kind_of(version.blob_sha256) == kind


async def test_downloads_are_counted_and_change_nothing_else(shelf: Shelf) -> None:
    version = await shelf.approve()
    before = await shelf.become(PUBLISHED)
    for _ in range(3):
        await shelf.catalogue.count_download(version.blob_sha256)
    [item] = (await shelf.catalogue.search({}))["items"]
    assert item["downloads"] == 3
    assert (await shelf.catalogue.plugin("acme.hello"))["updated_at"] == item["updated_at"]
    assert before.updated_at.isoformat()[:19] == item["updated_at"][:19]
