"""What is on its way to plugins, and when they run by the clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Json, Row, UtcDateTime, iso, now

WAITING = "waiting"
DEAD = "dead"
SCHEDULE = "schedule"
"""The name of a delivery that no event has caused, but the clock."""


class Delivery(Row):
    """An event on its way to one handler of one plugin; gone once the handler has returned.

    `event_id` is the same for all who listen, and each time it is delivered. `payload` is the event as the plugin gets
    it, as JSON text. `attempts` have begun; the next is due at `due_at`, which is also until when the one that runs has
    the delivery to itself. `dead` is what was tried in vain and is kept until somebody decides.
    """

    __tablename__ = "event_deliveries"

    event_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(160))
    entity_id: Mapped[str | None] = mapped_column(String(100))
    payload: Mapped[str] = mapped_column(Text)
    plugin_id: Mapped[str] = mapped_column(String(81))
    handler: Mapped[str] = mapped_column(String(80))
    depth: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[str] = mapped_column(String(10), default=WAITING)
    last_error: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index(None, "status", "plugin_id", "due_at", "id"),)

    def as_dict(self) -> dict[str, Any]:
        """The delivery as JSON, without what the event says: that is data of customers."""
        names = ("name", "entity_id", "plugin_id", "handler", "depth", "attempts", "status", "last_error")
        return {
            "id": str(self.id),
            "event_id": str(self.event_id),
            **{name: getattr(self, name) for name in names},
            "due_at": iso(self.due_at),
            "created_at": iso(self.created_at),
        }


plugin_schedules = Table(
    "plugin_schedules",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    Column("handler", String(80), primary_key=True),
    Column("cron", String(100), nullable=False),
    Column("time_zone", String(60), nullable=False),
    Column("next_run", UtcDateTime(), nullable=False),
)
"""When each handler of an active plugin runs next; whoever moves `next_run` on has the run delivered."""
