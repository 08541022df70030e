"""What is kept of the index: its keys, and every file that is served."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Base, iso


class IndexKey(Base):
    """A key of one role; it signs until `retired_at`, and from `revoked_at` on what it signed does not count.

    `private_key` is sealed, None where it is kept outside of this instance or is not needed any more.
    """

    __tablename__ = "index_keys"

    role: Mapped[str] = mapped_column(String(20), index=True)
    key_id: Mapped[str] = mapped_column(String(64), unique=True)
    public_key: Mapped[str] = mapped_column(String(80))
    private_key: Mapped[str | None] = mapped_column(Text)
    retired_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    def as_dict(self) -> dict[str, Any]:
        """The key as JSON; `here` says whether this instance can sign with it."""
        known = {"key_id": self.key_id, "public_key": self.public_key, "here": self.private_key is not None}
        return known | {"made_at": iso(self.created_at)}


class IndexFile(Base):
    """The metadata of one role in one version, as it is served; `replaced_at` is when the next one was there."""

    __tablename__ = "index_files"

    role: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("role", "version"),)
