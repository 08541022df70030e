"""What the marketplace keeps of what people say."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Base, Row, iso, now


class Review(Base):
    """What one person on one instance says of a plugin: 1 to 5 `stars` and plain text.

    `author` is a pseudonym that the instance made of the person, different for each instance; `name` is what they want
    to be called. A `hidden` one is shown to the operator alone, and does not count.
    """

    __tablename__ = "market_reviews"

    plugin_id: Mapped[str] = mapped_column(String(81))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("known_instances.id"))
    author: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    stars: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(60))
    hidden: Mapped[bool] = mapped_column(default=False)
    hidden_reason: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str | None] = mapped_column(Text)
    replied_at: Mapped[datetime | None]
    # Unlike that of other rows: what others do with a review does not change it.
    updated_at: Mapped[datetime] = mapped_column(default=now, sort_order=101)

    __table_args__ = (UniqueConstraint("plugin_id", "instance_id", "author"), Index(None, "plugin_id", "id"))

    def as_dict(self) -> dict[str, Any]:
        """The review as everybody sees it, as JSON."""
        shown = {name: getattr(self, name) for name in ("name", "stars", "text", "version")}
        reply = {"text": self.reply, "at": self.replied_at and iso(self.replied_at)} if self.reply else None
        times = {"created_at": iso(self.created_at), "updated_at": iso(self.updated_at)}
        return {"id": str(self.id), "plugin": self.plugin_id, **shown, "reply": reply, **times}

    def as_moderated(self) -> dict[str, Any]:
        """The review as the operator sees it, as JSON."""
        return self.as_dict() | {"hidden": self.hidden, "hidden_reason": self.hidden_reason}


class ReviewReport(Row):
    """What somebody objects to in a review; `settled_at` is when the operator had looked at it."""

    __tablename__ = "review_reports"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("market_reviews.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))
    settled_at: Mapped[datetime | None] = mapped_column(index=True)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {"at": iso(self.at), "reason": self.reason, "by": self.by}
