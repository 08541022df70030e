"""A publisher that is suspended brings nothing and releases nothing, and what it has stays as it is."""

import pytest

from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from rising_bsm.marketplace.publishing.suspending import PublisherSuspended, Suspensions
from support.office import Desk

pytestmark = pytest.mark.anyio

WHY = {"reason": "Somebody says that they are somebody else."}


async def test_nothing_is_taken_from_a_suspended_publisher(on_each_database: Desk) -> None:
    desk = on_each_database
    await desk.released("1.0.0")
    await desk.approved("1.1.0")
    draft = await desk.submit("1.2.0", draft=True)
    suspensions = Suspensions(desk.database)
    await suspensions.suspend(desk.boss, "acme", WHY)

    with pytest.raises(PublisherSuspended, match="somebody else"):
        await desk.submit("1.3.0")
    with pytest.raises(PublisherSuspended):
        await desk.submissions.send(desk.owner, draft.id)
    for actor in (desk.owner, desk.boss):
        with pytest.raises(PublisherSuspended):
            await desk.versions.change(actor, "acme.hello", "1.1.0", "release", None)
    assert str((await desk.version("1.0.0")).status) == "published"  # type: ignore[union-attr] # it is there
    await desk.versions.change(desk.owner, "acme.hello", "1.0.0", "deprecate", {"reason": "Old."})

    await suspensions.lift(desk.boss, "acme")
    await desk.versions.change(desk.owner, "acme.hello", "1.1.0", "release", None)
    await desk.submissions.send(desk.owner, draft.id)


async def test_who_is_told(desk: Desk) -> None:
    suspensions = Suspensions(desk.database)
    assert await suspensions.of(desk.owner, "acme") is None
    await suspensions.suspend(desk.boss, "acme", WHY)
    said = await suspensions.of(desk.owner, "acme")
    assert said is not None
    assert (said["reason"], said["by"]) == (WHY["reason"], desk.boss.name)
    with pytest.raises(PermissionDenied):
        await suspensions.of(desk.stranger, "acme")


async def test_what_cannot_be_suspended(desk: Desk) -> None:
    suspensions = Suspensions(desk.database)
    for actor in (desk.owner, desk.stranger):
        with pytest.raises(PermissionDenied):
            await suspensions.suspend(actor, "acme", WHY)
        with pytest.raises(PermissionDenied):
            await suspensions.lift(actor, "acme")
    with pytest.raises(NotFound):
        await suspensions.suspend(desk.boss, "nobody", WHY)
    with pytest.raises(InvalidInput):
        await suspensions.suspend(desk.boss, "acme", {"reason": " "})
    await suspensions.suspend(desk.boss, "acme", WHY)
    with pytest.raises(PublisherSuspended, match="already"):
        await suspensions.suspend(desk.boss, "acme", WHY)
