"""What the marketplace keeps of the licences that it sells."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Base, Json, Row, iso


class Status(StrEnum):
    """What its seller has decided about a licence; `revoked` is for good."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class SoldLicence(Base):
    """A licence for one plugin. Its key is shown once, when it is sold; only the SHA-256 is kept, and a hint to tell it
    from others.

    `reason` is why it is suspended or revoked. `trial_of` is the public key of the instance whose free trial it is:
    such a licence has no key, and there is one for each plugin and instance, ever.
    """

    __tablename__ = "sold_licences"

    plugin_id: Mapped[str] = mapped_column(String(81))
    type: Mapped[str] = mapped_column(String(20))
    holder: Mapped[str] = mapped_column(String(200))
    key_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    key_hint: Mapped[str] = mapped_column(String(10), default="")
    limits: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    entitlements: Mapped[list[str]] = mapped_column(Json, default=list)
    max_installs: Mapped[int] = mapped_column(default=1)
    grace_days: Mapped[int] = mapped_column(default=7)
    status: Mapped[Status] = mapped_column(String(20), default=Status.ACTIVE)
    reason: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None]
    trial_of: Mapped[str | None] = mapped_column(String(60))
    sold_by: Mapped[UUID | None]

    __table_args__ = (UniqueConstraint("plugin_id", "trial_of"), Index(None, "plugin_id", "id"))

    def has_expired(self, moment: datetime) -> bool:
        """Whether what was paid for is over at this moment."""
        return self.expires_at is not None and self.expires_at <= moment

    def as_dict(self) -> dict[str, Any]:
        """The licence as its seller sees it, as JSON."""
        plain = ("type", "holder", "key_hint", "limits", "entitlements", "max_installs", "grace_days", "reason")
        return {
            "id": str(self.id),
            "plugin": self.plugin_id,
            "status": str(self.status),
            "trial": self.trial_of is not None,
            **{name: getattr(self, name) for name in plain},
            "expires_at": self.expires_at and iso(self.expires_at),
            "sold_by": self.sold_by and str(self.sold_by),
            "sold_at": iso(self.created_at),
        }


class Activation(Row):
    """One stay of a licence on one instance, from `activated_at` until `released_at`; a return is another row.

    It takes a seat (`seated`) unless the instance is there for trying things out. A seat that was not `seen_at` for a
    while is silent: it may be taken by another instance, and comes back by itself as long as it was not. `moved` says
    that the seat was somebody else's within the year before, `ended` how the stay has ended.
    """

    __tablename__ = "activations"

    licence_id: Mapped[UUID] = mapped_column(ForeignKey("sold_licences.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("known_instances.id"), index=True)
    seated: Mapped[bool]
    moved: Mapped[bool]
    activated_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    ended: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        Index(None, "licence_id", "released_at"),
        # An instance stays once at a time.
        Index(
            "uq_activations_open",
            "licence_id",
            "instance_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )


class DownloadToken(Row):
    """The right of one instance to fetch one version once, under one licence; only the token's SHA-256 is kept."""

    __tablename__ = "download_tokens"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("sold_licences.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("known_instances.id", ondelete="CASCADE"))
    plugin_id: Mapped[str] = mapped_column(String(81))
    version: Mapped[str] = mapped_column(String(60))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    redeemed_at: Mapped[datetime | None]
