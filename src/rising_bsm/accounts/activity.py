"""The activity log: who did what to which, and when. It names what was changed, never to what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.accounts.actor import Actor
from rising_bsm.db import Database, Json, Row, iso, now


class Activity(Row):
    """One thing that was done. Names are those of the time; it refers to nothing, so it outlives what it is about."""

    __tablename__ = "activity"

    at: Mapped[datetime] = mapped_column(default=now)
    user_id: Mapped[UUID | None]
    user_name: Mapped[str] = mapped_column(String(200))
    plugin: Mapped[str | None] = mapped_column(String(81))
    action: Mapped[str] = mapped_column(String(60))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)

    __table_args__ = (Index(None, "entity", "entity_id", "id"),)

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON."""
        plain = {
            name: getattr(self, name) for name in ("user_name", "plugin", "action", "entity", "entity_id", "detail")
        }
        user_id = str(self.user_id) if self.user_id else None
        return {"id": str(self.id), "at": iso(self.at), "user_id": user_id, **plain}


@dataclass(frozen=True)
class ActivityPage:
    """Some entries, the newest first; `next` is the `before` of the page after it, None on the last."""

    items: Sequence[Activity]
    next: UUID | None

    def as_dict(self) -> dict[str, Any]:
        """The page as JSON."""
        return {"items": [entry.as_dict() for entry in self.items], "next": str(self.next) if self.next else None}


def record(
    session: AsyncSession, actor: Actor, action: str, entity: str, entity_id: object, detail: dict[str, Any]
) -> None:
    """Adds an entry to the transaction of `session`, so that it is kept exactly when the deed is.

    `action` is a dotted code (`customers.create`); `detail` is JSON that names fields and holds no values of theirs.
    """
    who = {"user_id": actor.user_id, "user_name": actor.name, "plugin": actor.plugin}
    session.add(Activity(**who, action=action, entity=entity, entity_id=str(entity_id), detail=detail))


class ActivityLog:
    """Reading the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(
        self,
        actor: Actor,
        *,
        limit: int = 50,
        before: UUID | None = None,
        about: tuple[str, str] | None = None,
        entity: str | None = None,
        user_id: UUID | None = None,
        action: str | None = None,
    ) -> ActivityPage:
        """The entries that came before the one named, the newest first; at most 200. Needs `activity.read`.

        With `about`, a kind of entity (`customer`) and an id, only those about that one; with `entity` those about any
        of a kind, with `user_id` those of one person, with `action` those of one sort.
        """
        actor.require("activity.read")
        limit = max(1, min(limit, 200))
        query = select(Activity).order_by(Activity.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(Activity.id < before)
        if about is not None:
            query = query.where(Activity.entity == about[0], Activity.entity_id == about[1])
        wanted = {Activity.entity: entity, Activity.user_id: user_id, Activity.action: action}
        query = query.where(*(column == value for column, value in wanted.items() if value is not None))
        async with self._database.reading() as session:
            entries = (await session.scalars(query)).all()
        items = entries[:limit]
        return ActivityPage(items, items[-1].id if len(entries) > limit else None)
