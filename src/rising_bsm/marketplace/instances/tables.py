"""What the marketplace keeps of instances."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Base, Row


class KnownInstance(Base):
    """An instance that has asked something, known by its public key alone (`key` in text form).

    `last_seq` is the number of its latest request, `url` where it says that it is reached, as it last said.
    """

    __tablename__ = "known_instances"

    key: Mapped[str] = mapped_column(String(60), unique=True)
    key_id: Mapped[str] = mapped_column(String(64), index=True)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    last_seen: Mapped[datetime] = mapped_column(index=True)
    url: Mapped[str] = mapped_column(String(300), default="")


class LiveInstall(Row):
    """A version of the catalogue on an instance, as its latest heartbeat told; alive as long as `seen_at` is recent.

    `calls` and `crashes` are those of the last day.
    """

    __tablename__ = "live_installs"

    instance_id: Mapped[UUID] = mapped_column(ForeignKey("known_instances.id", ondelete="CASCADE"))
    plugin_id: Mapped[str] = mapped_column(String(81))
    version: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    calls: Mapped[int] = mapped_column(BigInteger, default=0)
    crashes: Mapped[int] = mapped_column(BigInteger, default=0)
    seen_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("instance_id", "plugin_id"), Index(None, "plugin_id", "seen_at"))


market_days = Table(
    "market_days",
    Row.metadata,
    Column("plugin_id", String(81), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("installs", Integer, nullable=False),
    Column("downloads", Integer, nullable=False),
)
"""What the catalogue said of each plugin when it was counted last on that day (UTC); downloads are all until then."""
