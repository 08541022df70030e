"""What is done with notifications."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor, User
from rising_bsm.accounts.activity import record
from rising_bsm.business.notifications.model import Notification
from rising_bsm.business.notifications.queries import Inbox, NotificationQueries, drop_oldest
from rising_bsm.business.notifications.schema import NotificationDraft, NotificationQuery
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import NotFound

_NEWEST = NotificationQuery()


class Notifications:
    """The notifications in `database`.

    Everybody has their own: what somebody without a user (the program, a plugin in the background) asks about is empty.
    Sending needs `notifications.send`, everything else `notifications.read`; PermissionDenied is raised otherwise.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send(self, actor: Actor, draft: NotificationDraft) -> Notification:
        """Tells one user, or everybody of a role. Raises NotFound (`notifications.no_recipient`)."""
        actor.require("notifications.send")
        told = Notification(id=uuid7(), sender=actor.name, plugin=actor.plugin, **draft.model_dump())
        to = f"role {draft.role}" if draft.role else f"user {draft.user_id}"
        async with self._database.transaction() as session:
            if draft.user_id is not None:
                user = await session.get(User, draft.user_id)
                if user is None or not user.active:
                    raise _no_recipient()
            session.add(told)
            record(session, actor, "notifications.send", "notification", told.id, {"to": to})
            await session.flush()
            await drop_oldest(session, told)
        return told

    async def list(self, actor: Actor, query: NotificationQuery = _NEWEST) -> Inbox:
        """One page of the actor's own, the newest first."""
        actor.require("notifications.read")
        if actor.user_id is None:
            return Inbox((), 0, 0, query.limit, query.offset)
        async with self._database.reading() as session:
            return await NotificationQueries(session, actor.user_id).inbox(query)

    async def unread(self, actor: Actor) -> int:
        """How many of the actor's own are unread."""
        actor.require("notifications.read")
        if actor.user_id is None:
            return 0
        async with self._database.reading() as session:
            return await NotificationQueries(session, actor.user_id).unread()

    async def mark_read(self, actor: Actor, notification_id: UUID) -> Notification:
        """The actor has read this one; once is enough. Raises NotFound, also for one that does not reach them."""
        actor.require("notifications.read")
        async with self._database.transaction() as session:
            mine, notification = await _mine(session, actor, notification_id)
            await mine.mark_read(Notification.id == notification_id)
        return notification

    async def mark_unread(self, actor: Actor, notification_id: UUID) -> None:
        """The actor wants to read this one again. Raises NotFound, also for one that does not reach them."""
        actor.require("notifications.read")
        async with self._database.transaction() as session:
            mine, _ = await _mine(session, actor, notification_id)
            await mine.mark_unread(notification_id)

    async def mark_all_read(self, actor: Actor) -> int:
        """The actor has read all there are now; how many were unread."""
        actor.require("notifications.read")
        if actor.user_id is None:
            return 0
        async with self._database.transaction() as session:
            return await NotificationQueries(session, actor.user_id).mark_read()


async def _mine(session: AsyncSession, actor: Actor, notification_id: UUID) -> tuple[NotificationQueries, Notification]:
    mine = NotificationQueries(session, actor.user_id) if actor.user_id else None
    notification = await mine.one(notification_id) if mine else None
    if mine is None or notification is None:
        raise _not_found(notification_id)
    return mine, notification


def _no_recipient() -> NotFound:
    return NotFound(
        "Nobody with this id works here.",
        code="notifications.no_recipient",
        place="user_id",
        next_step="See the list of users for their ids.",
    )


def _not_found(notification_id: UUID) -> NotFound:
    return NotFound(
        "You have no notification with this id.", code="notifications.not_found", place=str(notification_id)
    )
