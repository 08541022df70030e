"""What is kept of plugins on their way from a marketplace, of their updates, and of what can be taken back."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Base, Json, Row, iso

KEPT = "kept"
"""The role of the snapshot that an uninstalled plugin leaves behind; all others are roles of versions."""


class Progress(StrEnum):
    """How an acquisition stands. `undoing`: it has failed, and what it had reserved must still be given back."""

    RUNNING = "running"
    UNDOING = "undoing"
    DONE = "done"
    FAILED = "failed"


class Acquisition(Base):
    """The journal of one plugin's way from the marketplace: what was asked for, and how far it is.

    `steps` are those that were taken, as JSON; `running_for` is the plugin's id until it has ended, so that there is
    one at a time. `sealed_key` is the licence key, unreadable, until the licence is there; `reserved` says that this
    acquisition took the seat. Who asked is here as they were then: they are never allowed more when it goes on later.
    The process `busy_by` works on it until `busy_until`, if it has not said so anew by then.
    """

    __tablename__ = "acquisitions"

    plugin_id: Mapped[str] = mapped_column(String(81), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[Progress] = mapped_column(String(10))
    running_for: Mapped[str | None] = mapped_column(String(81), unique=True)
    version: Mapped[str | None] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(10))
    steps: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    chosen: Mapped[list[str]] = mapped_column(Json)
    with_dependencies: Mapped[bool]
    licence: Mapped[str] = mapped_column(String(10))
    sealed_key: Mapped[str | None] = mapped_column(Text)
    reserved: Mapped[bool]
    bundle_sha256: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)
    attempts: Mapped[int]
    user_id: Mapped[UUID | None]
    user_name: Mapped[str] = mapped_column(String(200))
    permissions: Mapped[list[str]] = mapped_column(Json)
    busy_by: Mapped[UUID | None]
    busy_until: Mapped[datetime | None]

    def as_dict(self) -> dict[str, Any]:
        """The acquisition as JSON."""
        shown = ("plugin_id", "kind", "state", "version", "channel", "steps", "problem", "attempts", "user_name")
        return (
            {"id": str(self.id)}
            | {name: getattr(self, name) for name in shown}
            | {"begun_at": iso(self.created_at), "changed_at": iso(self.updated_at)}
        )


class PluginUpdate(Base):
    """The newest version that there is for an installed plugin, and what becomes of it.

    `state` is `cooling` until `due_at`, `waiting` for an administrator, `pinned`, `applied`, `failed` or `rolled_back`.
    """

    __tablename__ = "plugin_updates"

    plugin_id: Mapped[str] = mapped_column(String(81), unique=True)
    from_version: Mapped[str] = mapped_column(String(60))
    to_version: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    security: Mapped[bool]
    difference: Mapped[dict[str, Any]] = mapped_column(Json)
    released_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)

    def as_dict(self) -> dict[str, Any]:
        """The update as JSON."""
        shown = ("plugin_id", "from_version", "to_version", "channel", "state", "security", "difference", "problem")
        times = {name: value and iso(value) for name in ("released_at", "due_at") for value in [getattr(self, name)]}
        return {name: getattr(self, name) for name in shown} | times | {"found_at": iso(self.created_at)}


class PluginPin(Base):
    """That a plugin came from the marketplace: the channel it follows, and the version it stays at, if any."""

    __tablename__ = "plugin_pins"

    plugin_id: Mapped[str] = mapped_column(String(81), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    version: Mapped[str | None] = mapped_column(String(60))


class Snapshot(Base):
    """What a plugin had stored, and how it was set, when a version of it was replaced, or it was uninstalled.

    `role` is that of the version, or KEPT; `settings` has a name, a value and whether that is sealed for each.
    """

    __tablename__ = "plugin_snapshots"

    plugin_id: Mapped[str] = mapped_column(String(81))
    role: Mapped[str] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(60))
    key_id: Mapped[str] = mapped_column(String(64))
    storage_bytes: Mapped[int]
    settings: Mapped[list[list[Any]]] = mapped_column(Json)

    __table_args__ = (UniqueConstraint("plugin_id", "role"),)


snapshot_entries = Table(
    "plugin_snapshot_entries",
    Row.metadata,
    Column("snapshot_id", Uuid(), primary_key=True),
    Column("key", LargeBinary(512), primary_key=True),
    Column("value", Text, nullable=False),
    Column("size", Integer, nullable=False),
)
"""The entries of snapshots, as they are in `plugin_storage`."""


class PluginAdvisory(Base):
    """What the marketplace says against a version that is or was here, and whether somebody uses it nevertheless."""

    __tablename__ = "plugin_advisories"

    plugin_id: Mapped[str] = mapped_column(String(81))
    version: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    overridden_by: Mapped[UUID | None]
    overridden_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("plugin_id", "version"),)

    def as_dict(self) -> dict[str, Any]:
        """The advisory as JSON."""
        shown = {name: getattr(self, name) for name in ("plugin_id", "version", "kind", "reason")}
        overridden = self.overridden_at and iso(self.overridden_at)
        return shown | {"told_at": iso(self.created_at), "overridden_at": overridden}


class UpkeepJob(Base):
    """Something that one process does again and again: when it is due, and who is at it until when."""

    __tablename__ = "upkeep_jobs"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    due_at: Mapped[datetime]
    busy_by: Mapped[UUID | None]
    busy_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)
