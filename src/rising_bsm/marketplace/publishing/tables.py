"""What is kept of publishers beside the catalogue."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Row, iso, now


class PublisherSuspension(Row):
    """Since when a publisher is suspended, why, and by whom."""

    __tablename__ = "publisher_suspensions"

    publisher: Mapped[str] = mapped_column(String(40), unique=True)
    at: Mapped[datetime] = mapped_column(default=now)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))

    def as_dict(self) -> dict[str, Any]:
        """The suspension as JSON."""
        return {"publisher": self.publisher, "at": iso(self.at), "reason": self.reason, "by": self.by}
