"""What is kept of submissions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.bundle.manifest import Manifest, make_manifest
from rising_bsm.db import Base, Json, Row, iso, now
from rising_bsm.marketplace.submissions.states import State


class Submission(Base):
    """A bundle that somebody has submitted as a version of a plugin; it is kept as a blob of its SHA-256.

    `open_for` is plugin and version while something still follows, and keeps others of the same version out.
    `claimed_*` say which process scans it, `scans` how often that was begun. `unfinished` if it is approved and not yet
    a version of the catalogue. From `bundle_gone_at` on this submission needs its bundle no more. Sizes in bytes.
    """

    __tablename__ = "submissions"

    plugin_id: Mapped[str] = mapped_column(String(81), index=True)
    version: Mapped[str] = mapped_column(String(60))
    publisher: Mapped[str] = mapped_column(String(40), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    security: Mapped[bool] = mapped_column(default=False)
    state: Mapped[State] = mapped_column(String(20))
    open_for: Mapped[str | None] = mapped_column(String(150), unique=True)
    submitted_by: Mapped[UUID | None]
    submitted_by_name: Mapped[str] = mapped_column(String(200))
    submitted_at: Mapped[datetime | None]
    bundle_sha256: Mapped[str] = mapped_column(String(64))
    bundle_size: Mapped[int]
    unpacked_size: Mapped[int]
    key_id: Mapped[str] = mapped_column(String(64))
    manifest_json: Mapped[dict[str, Any]] = mapped_column("manifest", Json)
    findings: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    claimed_by: Mapped[UUID | None]
    claimed_until: Mapped[datetime | None]
    scans: Mapped[int] = mapped_column(default=0)
    scanned_at: Mapped[datetime | None]
    unfinished: Mapped[bool] = mapped_column(default=False)
    bundle_gone_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "state", "submitted_at"),)

    @property
    def manifest(self) -> Manifest:
        """What the bundle says of itself."""
        return make_manifest(self.manifest_json)

    def count(self, severity: str) -> int:
        """How many findings there are of this severity."""
        return sum(finding["severity"] == severity for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The submission as it stands in a list, as JSON."""
        plain = ("plugin_id", "version", "publisher", "channel", "security", "state", "submitted_by_name")
        digests = ("bundle_sha256", "bundle_size", "key_id")
        times = {name: getattr(self, name) for name in ("submitted_at", "scanned_at")}
        counts = {"errors": self.count("error"), "warnings": self.count("warning")}
        return (
            {"id": str(self.id)}
            | {name: getattr(self, name) for name in (*plain, *digests)}
            | {name: moment and iso(moment) for name, moment in times.items()}
            | counts
        )


class Decision(Row):
    """What was decided about a submission, by whom and why; `own` if it was theirs and there was nobody else."""

    __tablename__ = "submission_decisions"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID | None]
    user_name: Mapped[str] = mapped_column(String(200))
    own: Mapped[bool] = mapped_column(default=False)

    def as_dict(self) -> dict[str, Any]:
        """The decision as JSON."""
        said = {"decision": self.decision, "reason": self.reason, "by": self.user_name, "own": self.own}
        return {"at": iso(self.at)} | said
