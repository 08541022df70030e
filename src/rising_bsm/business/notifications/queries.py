"""The notifications' tables, by the questions that are asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, delete, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import User
from rising_bsm.business.notifications.model import Notification, notification_reads
from rising_bsm.business.notifications.schema import NotificationQuery

KEPT = 1_000
"""How many notifications to one user, or to one role, are kept; the oldest go."""

# Both databases know this form. Of two who read the same at once, both have read it.
_READ = text(
    "INSERT INTO notification_reads (notification_id, user_id) VALUES (:notification_id, :user_id) "
    "ON CONFLICT (notification_id, user_id) DO NOTHING"
).bindparams(bindparam("notification_id", type_=Uuid), bindparam("user_id", type_=Uuid))


@dataclass(frozen=True)
class Received:
    """A notification as one of those it reaches sees it."""

    notification: Notification
    read: bool

    def as_dict(self) -> dict[str, Any]:
        """The notification as JSON."""
        return self.notification.as_dict() | {"read": self.read}


@dataclass(frozen=True)
class Inbox:
    """Some of somebody's notifications; `total` is how many the query is about, `unread` how many there are unread."""

    items: Sequence[Received]
    total: int
    unread: int
    limit: int
    offset: int

    def as_dict(self) -> dict[str, Any]:
        """The page as JSON."""
        items = [received.as_dict() for received in self.items]
        counted = {"total": self.total, "unread": self.unread, "limit": self.limit, "offset": self.offset}
        return {"items": items} | counted


class NotificationQueries:
    """Named queries over one session, about what reaches one user."""

    def __init__(self, session: AsyncSession, user_id: UUID) -> None:
        self._session = session
        self._user_id = user_id

    async def inbox(self, query: NotificationQuery) -> Inbox:
        """One page, the newest first."""
        wanted = [] if query.unread is None else [self._is_read() != query.unread]
        found = self._mine().where(*wanted)
        total = await self._count(found)
        unread = await self.unread()
        newest = found.order_by(Notification.id.desc()).limit(query.limit).offset(query.offset)
        rows = (await self._session.execute(newest.add_columns(self._is_read()))).all()
        return Inbox([Received(*row) for row in rows], total, unread, query.limit, query.offset)

    async def unread(self) -> int:
        """How many are unread."""
        return await self._count(self._mine().where(~self._is_read()))

    async def one(self, notification_id: UUID) -> Notification | None:
        """The notification with this id, if it reaches the user."""
        found: Notification | None = await self._session.scalar(self._mine().where(Notification.id == notification_id))
        return found

    async def mark_read(self, *conditions: ColumnElement[bool]) -> int:
        """Marks those of the user's unread ones that meet the conditions as read; how many there were."""
        unread = self._mine().where(~self._is_read(), *conditions)
        ids = (await self._session.scalars(unread.with_only_columns(Notification.id))).all()
        if ids:
            await self._session.execute(_READ, [{"notification_id": one, "user_id": self._user_id} for one in ids])
        return len(ids)

    async def mark_unread(self, notification_id: UUID) -> None:
        """Forgets that the user has read this one."""
        mine, read = notification_reads.c.user_id == self._user_id, notification_reads.c.notification_id
        await self._session.execute(delete(notification_reads).where(mine, read == notification_id))

    async def _count(self, found: Select[Any]) -> int:
        return await self._session.scalar(found.with_only_columns(func.count(Notification.id))) or 0

    def _mine(self) -> Select[Any]:
        # What was sent to a role before somebody came is nothing to them.
        of_role = and_(Notification.role == User.role, Notification.at >= User.created_at)
        reaches = or_(Notification.user_id == User.id, of_role)
        return select(Notification).join(User, reaches).where(User.id == self._user_id)

    def _is_read(self) -> ColumnElement[bool]:
        mine, read = notification_reads.c.user_id == self._user_id, notification_reads.c.notification_id
        return exists().where(mine, read == Notification.id)


async def drop_oldest(session: AsyncSession, notification: Notification) -> None:
    """Removes the oldest of those that went the same way as this one, if there are too many."""
    same = [Notification.user_id == notification.user_id, Notification.role == notification.role]
    if notification.user_id is None:
        same[0] = Notification.user_id.is_(None)
    else:
        same[1] = Notification.role.is_(None)
    newest = select(Notification.id).where(*same).order_by(Notification.id.desc())
    await session.execute(
        delete(Notification).where(*same, Notification.id <= newest.offset(KEPT).limit(1).scalar_subquery())
    )


async def forget_plugin(session: AsyncSession, plugin_id: str) -> None:
    """Removes all that the plugin sent."""
    await session.execute(delete(Notification).where(Notification.plugin == plugin_id))
