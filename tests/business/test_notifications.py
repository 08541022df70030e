from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from rising_bsm.accounts import SYSTEM, ActivityLog, Actor, Role, User
from rising_bsm.business.notifications import Notification, NotificationDraft, NotificationQuery, Notifications
from rising_bsm.business.notifications import queries as notification_queries
from rising_bsm.db import Database, now, uuid7
from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from support.people import make_actor, make_user

pytestmark = pytest.mark.anyio


async def send(database: Database, *, actor: Actor = SYSTEM, **draft: Any) -> Notification:
    return await Notifications(database).send(actor, NotificationDraft.of({"title": "Hello"} | draft))


async def titles(database: Database, user: User, **query: Any) -> list[str]:
    inbox = await Notifications(database).list(user.actor, NotificationQuery(**query))
    return [received.notification.title for received in inbox.items]


async def test_what_is_sent_to_somebody_reaches_them_alone(database: Database) -> None:
    ada, bob = await make_user(database), await make_user(database)

    await send(database, user_id=str(ada.id), title="For Ada", link="/customers")

    assert await titles(database, ada) == ["For Ada"]
    assert await titles(database, bob) == []


async def test_what_is_sent_to_a_role_is_read_by_each_for_themselves(database: Database) -> None:
    ada, bob = await make_user(database, role=Role.MANAGER), await make_user(database, role=Role.MANAGER)
    other = await make_user(database, role=Role.EMPLOYEE)
    notifications = Notifications(database)
    told = await send(database, role="manager")

    await notifications.mark_read(ada.actor, told.id)
    await notifications.mark_read(ada.actor, told.id)

    assert [await notifications.unread(one.actor) for one in (ada, bob, other)] == [0, 1, 0]
    assert (await notifications.list(ada.actor)).items[0].read
    assert not (await notifications.list(bob.actor)).items[0].read


async def test_what_a_role_was_told_before_somebody_came_does_not_reach_them(database: Database) -> None:
    await send(database, role="employee", title="Long ago")
    user = await make_user(database, role=Role.EMPLOYEE)
    await send(database, role="employee", title="Now")

    assert await titles(database, user) == ["Now"]


async def test_lists_are_the_newest_first_in_pages_and_of_the_unread(database: Database) -> None:
    user = await make_user(database)
    sent = [await send(database, user_id=str(user.id), title=f"No. {number}") for number in range(4)]
    await Notifications(database).mark_read(user.actor, sent[3].id)

    assert await titles(database, user, limit=2) == ["No. 3", "No. 2"]
    assert await titles(database, user, limit=2, offset=2) == ["No. 1", "No. 0"]
    assert await titles(database, user, unread=True) == ["No. 2", "No. 1", "No. 0"]
    assert await titles(database, user, unread=False) == ["No. 3"]
    inbox = await Notifications(database).list(user.actor, NotificationQuery(unread=False, limit=1))
    assert (inbox.total, inbox.unread) == (1, 3)


async def test_all_are_read_at_once(database: Database) -> None:
    user, other = await make_user(database), await make_user(database)
    for one in (user, user, other):
        await send(database, user_id=str(one.id))
    await send(database, role=user.role)

    assert await Notifications(database).mark_all_read(user.actor) == 3
    assert await Notifications(database).mark_all_read(user.actor) == 0
    assert await Notifications(database).unread(other.actor) == 2


async def test_nobody_reads_what_is_for_others(database: Database) -> None:
    user, other = await make_user(database), await make_user(database)
    told = await send(database, user_id=str(user.id))

    for actor in (other.actor, SYSTEM):
        with pytest.raises(NotFound, match="You have no notification"):
            await Notifications(database).mark_read(actor, told.id)
    assert await Notifications(database).unread(user.actor) == 1


async def test_who_has_no_user_has_no_notifications(database: Database) -> None:
    notifications = Notifications(database)
    assert (await notifications.list(SYSTEM)).as_dict()["items"] == []
    assert (await notifications.unread(SYSTEM), await notifications.mark_all_read(SYSTEM)) == (0, 0)


@pytest.mark.parametrize("permission", ["notifications.read", "notifications.send"])
async def test_each_verb_takes_its_permission(database: Database, permission: str) -> None:
    user = await make_user(database)
    notifications, actor = Notifications(database), make_actor(user_id=user.id, permissions=[permission])
    reading = [
        lambda: notifications.list(actor),
        lambda: notifications.unread(actor),
        lambda: notifications.mark_read(actor, uuid7()),
        lambda: notifications.mark_all_read(actor),
    ]
    refused = [lambda: send(database, actor=actor, role="admin")] if permission.endswith("read") else reading

    for deed in refused:
        with pytest.raises(PermissionDenied):
            await deed()


async def test_who_sent_it_is_said_and_written_down(database: Database) -> None:
    user = await make_user(database)

    told = await send(database, actor=make_actor(name="Grace", plugin="acme.test"), user_id=str(user.id))

    assert (told.sender, told.plugin) == ("Grace", "acme.test")
    entry = (await ActivityLog(database).list(SYSTEM)).items[0]
    assert (entry.action, entry.entity_id, entry.plugin) == ("notifications.send", str(told.id), "acme.test")
    assert entry.detail == {"to": f"user {user.id}"}


async def test_it_must_reach_somebody(database: Database) -> None:
    left = await make_user(database, active=False)
    for user_id in (left.id, uuid7()):
        with pytest.raises(NotFound, match="Nobody with this id works here"):
            await send(database, user_id=str(user_id))
    for to in ({}, {"user_id": str(left.id), "role": "admin"}):
        with pytest.raises(InvalidInput, match="wrong"):
            await send(database, **to)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "customers",
        "/a b",
        "/a\nb",
        "/\u202e",
        " //evil.example",
        "/" + "a" * 500,
    ],
)
async def test_a_link_leads_nowhere_else(database: Database, link: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await send(database, role="admin", link=link)
    assert caught.value.place == "link"


@pytest.mark.parametrize("link", ["", "/", "/customers?search=a&x=//b#c", None])
async def test_a_link_leads_to_a_page_of_ours(database: Database, link: str | None) -> None:
    assert (await send(database, role="admin", link=link)).link == (link or "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "a\nb"), ("title", "x" * 121), ("message", "x" * 2_001), ("level", "urgent"), ("to", 1)],
)
async def test_what_is_wrong_is_named(database: Database, field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        await send(database, **({"role": "admin"} | {field: value}))
    assert (caught.value.code, caught.value.place) == ("notifications.invalid", field)


async def test_the_oldest_make_room_for_the_newest(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notification_queries, "KEPT", 3)
    user = await make_user(database, role=Role.ADMIN)
    for number in range(5):
        await send(database, user_id=str(user.id), title=f"Yours {number}")
    for number in range(4):
        await send(database, role="admin", title=f"Everybody's {number}")
    await send(database, role="manager")

    async with database.reading() as session:
        assert await session.scalar(select(func.count(Notification.id))) == 7
    mine = ["Yours 4", "Yours 3", "Yours 2"]
    assert await titles(database, user) == ["Everybody's 3", "Everybody's 2", "Everybody's 1", *mine]


async def test_what_is_forgotten_of_a_plugin_is_what_it_sent(database: Database) -> None:
    await send(database, actor=make_actor(plugin="acme.test"), role="admin")
    kept = await send(database, role="admin")

    async with database.transaction() as session:
        await notification_queries.forget_plugin(session, "acme.test")

    async with database.reading() as session:
        assert (await session.scalars(select(Notification.id))).all() == [kept.id]
    assert now() - kept.at < timedelta(minutes=1)


async def test_what_is_put_back_is_unread_again_for_that_one_alone(database: Database) -> None:
    ada, bob = await make_user(database, role=Role.MANAGER), await make_user(database, role=Role.MANAGER)
    notifications, told = Notifications(database), await send(database, role="manager")
    for one in (ada, bob):
        await notifications.mark_read(one.actor, told.id)

    await notifications.mark_unread(ada.actor, told.id)
    await notifications.mark_unread(ada.actor, told.id)

    assert [await notifications.unread(one.actor) for one in (ada, bob)] == [1, 0]


async def test_what_reaches_others_cannot_be_put_back(database: Database) -> None:
    ada, bob = await make_user(database), await make_user(database)
    told = await send(database, user_id=str(ada.id))

    for actor in (bob.actor, SYSTEM):
        with pytest.raises(NotFound):
            await Notifications(database).mark_unread(actor, told.id)
    with pytest.raises(PermissionDenied):
        await Notifications(database).mark_unread(make_actor(permissions=[]), told.id)
