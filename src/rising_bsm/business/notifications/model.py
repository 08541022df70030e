"""The notification, and who has read it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Row, iso, now

notification_reads = Table(
    "notification_reads",
    Row.metadata,
    Column("notification_id", Uuid, ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
)
"""Who has read what; each of those that a notification to a role reaches reads it for themselves."""


class Notification(Row):
    """Something to tell one user (`user_id`) or everybody of a `role`.

    `link` is a path of this application or empty, `sender` the name of who sent it, `plugin` the plugin that did.
    """

    __tablename__ = "notifications"

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str | None] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    message: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(500))
    sender: Mapped[str] = mapped_column(String(200))
    plugin: Mapped[str | None] = mapped_column(String(81))
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index(None, "user_id", "id"), Index(None, "role", "id"))

    def as_dict(self) -> dict[str, Any]:
        """The notification as JSON."""
        shown = ("role", "level", "title", "message", "link", "sender", "plugin")
        to = {"user_id": self.user_id and str(self.user_id)}
        return {"id": str(self.id)} | to | {name: getattr(self, name) for name in shown} | {"at": iso(self.at)}
