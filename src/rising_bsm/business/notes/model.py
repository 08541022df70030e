"""The note: a text that somebody left on an entity."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Row, iso, now


class Note(Row):
    """A text on the entity (`customer`, `appointment`, `request`) with this id; it is never changed.

    It names its author as of the time, and goes with the entity.
    """

    __tablename__ = "notes"

    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[UUID]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str] = mapped_column(String(200))
    plugin: Mapped[str | None] = mapped_column(String(81))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index(None, "entity", "entity_id", "id"),)

    def as_dict(self) -> dict[str, Any]:
        """The note as JSON."""
        author_id = str(self.author_id) if self.author_id else None
        author = {"author_id": author_id, "author_name": self.author_name, "plugin": self.plugin}
        return {"id": str(self.id), "text": self.text, "created_at": iso(self.created_at)} | author
