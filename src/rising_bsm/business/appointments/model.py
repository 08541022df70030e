"""The appointment: the mapped class is the entity."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.business.entity import Entity, Noun
from rising_bsm.db import iso

OPEN = ("planned", "confirmed")
"""The states of an appointment that is still to come about."""


class Appointment(Entity):
    """A time that somebody has for a customer; `time_zone` is the one it was made in, and in which people read it.

    `ends_at` follows from `starts_at` and `duration_minutes`. `allow_overlap` is of the draft and is not stored.
    """

    __tablename__ = "appointments"
    noun: ClassVar = Noun("appointments", "appointment", "appointment")

    title: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[str] = mapped_column(String(60))
    duration_minutes: Mapped[int]
    location: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        Index(None, "starts_at", "id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "assignee_id", "starts_at"),
    )

    allow_overlap = False

    @property
    def takes_time(self) -> bool:
        """Whether somebody's time is taken by it."""
        return self.assignee_id is not None and self.status != "cancelled"

    def change(self, values: dict[str, Any]) -> None:
        """Takes over values that a schema has accepted; the end follows the start."""
        super().change(values)
        self.ends_at = self.starts_at + timedelta(minutes=self.duration_minutes)

    def as_draft(self) -> dict[str, Any]:
        """What people may write, as it stands, as JSON."""
        return {
            "title": self.title,
            "customer_id": str(self.customer_id) if self.customer_id else None,
            "starts_at": iso(self.starts_at),
            "time_zone": self.time_zone,
            "duration_minutes": self.duration_minutes,
            "location": self.location,
            "description": self.description,
            "status": self.status,
            "assignee_id": str(self.assignee_id) if self.assignee_id else None,
        }

    def as_dict(self) -> dict[str, Any]:
        """The appointment as JSON; `local_start` is the start as people there read it, with the offset from UTC."""
        local = self.starts_at.astimezone(ZoneInfo(self.time_zone)).isoformat(timespec="seconds")
        return super().as_dict() | {"ends_at": iso(self.ends_at), "local_start": local}
