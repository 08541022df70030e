"""What every table has: a time-ordered id, and times in UTC."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON text in SQLite, JSONB in PostgreSQL; None is NULL."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on the way in, in UTC on the way out, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC; raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone is not a moment")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_STOPPED: ContextVar[tuple[datetime, Iterator[int]] | None] = ContextVar("rising_bsm_stopped", default=None)


@contextmanager
def stopped_clock(moment: datetime) -> Iterator[None]:
    """Inside, `now` is this moment and `uuid7` counts from 1: equal work makes equal rows. Never for stored data."""
    token = _STOPPED.set((moment, count(1)))
    try:
        yield
    finally:
        _STOPPED.reset(token)


def _time_ordered_ids() -> Callable[[], UUID]:
    lock, last = threading.Lock(), 0

    def next_id() -> UUID:
        nonlocal last
        if stopped := _STOPPED.get():
            return UUID(int=7 << 76 | 0b10 << 62 | next(stopped[1]))
        with lock:
            # 48 bits of milliseconds, 12 of their fraction; one more than the last, should the clock stand still.
            milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
            last = max(last + 1, milliseconds << 12 | (nanoseconds << 12) // 1_000_000)
            moment = last
        high, low = moment >> 12 << 16 | 0x7000 | moment & 0xFFF, 0b10 << 62 | secrets.randbits(62)
        return UUID(int=high << 64 | low)

    return next_id


uuid7 = _time_ordered_ids()
"""A new UUID of version 7 (RFC 9562, section 6.2, method 3); those of one process sort in the order they were made."""


def now() -> datetime:
    """This moment in UTC."""
    stopped = _STOPPED.get()
    return stopped[0] if stopped else datetime.now(UTC)


def iso(moment: datetime) -> str:
    """The moment as ISO 8601 in UTC, with microseconds and `Z`."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class Row(DeclarativeBase):
    """A table with an id and nothing else in common."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: dict[Any, Any] = {datetime: UtcDateTime, UUID: Uuid()}  # noqa: RUF012 - SQLAlchemy's name

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


class Base(Row):
    """A table whose rows also say when they were made and last changed."""

    __abstract__ = True

    created_at: Mapped[datetime] = mapped_column(default=now, sort_order=100)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, sort_order=101)
