"""The licences that this instance holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Base, Json
from rising_bsm.licensing import LicenceState


class HeldLicence(Base):
    """The licence for one plugin: the newest file that a marketplace has signed for it, and what is known of time.

    `key` is the licence key, sealed, and `hint` its last group; a trial has neither. `signed_by` is the key that has
    signed `envelope`. `refused` is the code with which the marketplace has declined to renew it. `seen_at` is the
    highest time that was ever seen, `ahead_ms` how far the marketplace's clock was ahead of this one's when the file
    came, `renewed_at` when that was by this one's. `surroundings` are where it was activated, not to be read back;
    `told` is the state that administrators know of.
    """

    __tablename__ = "held_licences"

    plugin_id: Mapped[str] = mapped_column(String(81), unique=True)
    licence_id: Mapped[UUID]
    key: Mapped[str | None] = mapped_column(Text)
    hint: Mapped[str | None] = mapped_column(String(5))
    envelope: Mapped[dict[str, Any]] = mapped_column(Json)
    signed_by: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[str | None] = mapped_column(String(60))
    seen_at: Mapped[datetime]
    ahead_ms: Mapped[int] = mapped_column(BigInteger)
    renewed_at: Mapped[datetime]
    surroundings: Mapped[dict[str, str]] = mapped_column(Json)
    told: Mapped[str] = mapped_column(String(12), default=LicenceState.OK.value)
