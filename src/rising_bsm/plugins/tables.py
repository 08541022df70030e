"""What is kept of installed plugins and of the keys that may sign them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.bundle import PublicKey, TrustedKey
from rising_bsm.bundle.manifest import Manifest, make_manifest
from rising_bsm.db import Base, Json, iso, now, uuid7
from rising_bsm.plugins.states import State
from rising_bsm.runtime.plugin import BreakerMode

MARKETPLACE = "marketplace"


class PublisherKey(Base):
    """A public key that may sign the bundles of one publisher.

    `source` is None for one that a person has trusted, else MARKETPLACE: that goes with the last plugin it has signed.
    """

    __tablename__ = "trusted_keys"

    key_id: Mapped[str] = mapped_column(String(64), unique=True)
    publisher: Mapped[str] = mapped_column(String(40))
    public_key: Mapped[str] = mapped_column(String(80))
    added_by: Mapped[UUID | None]
    source: Mapped[str | None] = mapped_column(String(12))

    @property
    def trusted(self) -> TrustedKey:
        """The key as bundles are checked with it; raises InvalidKey when what is stored is none."""
        return TrustedKey(self.publisher, PublicKey.parse(self.public_key))

    def as_dict(self) -> dict[str, Any]:
        """The key as JSON."""
        known = {"key_id": self.key_id, "publisher": self.publisher, "public_key": self.public_key}
        known |= {"source": self.source or "person"}
        return known | {"added_by": self.added_by and str(self.added_by), "added_at": iso(self.created_at)}


class InstalledPlugin(Base):
    """One plugin of this instance, from the moment its bundle arrives until nothing of it is left.

    Everything but `digest` (of the bundle, SHA-256 in hex), `size` (of the bundle, bytes) and `state` is there from
    `verified` on. `code_sha256` is that of the compiled code on disk, `problem` why the plugin cannot run, as JSON.
    `revision` is another with every change that the processes which run the plugin must follow; the process
    `busy_by` is changing the plugin until `busy_until`, if it has not said so anew by then. `open_hooks` are those that
    let pass what they fail to look at, `breaker` is what becomes of it when it keeps failing; None as long as nobody
    has chosen.
    """

    __tablename__ = "installed_plugins"

    plugin_id: Mapped[str | None] = mapped_column(String(81), unique=True)
    version: Mapped[str | None] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    state: Mapped[State] = mapped_column(String(20))
    manifest_json: Mapped[dict[str, Any] | None] = mapped_column("manifest", Json)
    grants: Mapped[list[str]] = mapped_column(Json)
    key_id: Mapped[str | None] = mapped_column(String(64))
    code_sha256: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)
    installed_by: Mapped[UUID | None]
    activated_at: Mapped[datetime | None]
    open_hooks: Mapped[list[str] | None] = mapped_column(Json)
    breaker: Mapped[BreakerMode | None] = mapped_column(String(10))
    revision: Mapped[UUID | None] = mapped_column(default=uuid7)
    busy_by: Mapped[UUID | None]
    busy_until: Mapped[datetime | None]

    @property
    def manifest(self) -> Manifest:
        """What the plugin says of itself; raises BundleError for what this version cannot read."""
        return make_manifest(self.manifest_json or {})

    def identify(self, manifest: Manifest, key_id: str, grants: Collection[str]) -> None:
        """It is this plugin, signed with this key, and allowed this; `verified`."""
        self.plugin_id, self.version, self.key_id = manifest.id, manifest.version, key_id
        self.manifest_json, self.grants = manifest.model_dump(mode="json"), sorted(grants)
        self.state = State.VERIFIED

    def activate(self) -> None:
        """It answers from now on."""
        self.state, self.activated_at, self.problem = State.ACTIVE, now(), None
        self.changed()

    def changed(self) -> None:
        """Every process that runs the plugin looks at it anew."""
        self.revision = uuid7()

    def as_dict(self) -> dict[str, Any]:
        """The plugin as JSON; `state` is `failing` for an active one that cannot run, and `problem` says why."""
        manifest = self.manifest_json or {}
        shown = ("display_name", "description", "license", "permissions", "optional_permissions", "network")
        related = ("dependencies", "conflicts", "exports")
        kept = {name: getattr(self, name) for name in ("version", "grants", "problem", "digest", "size", "key_id")}
        failing = self.state == State.ACTIVE and self.problem
        return {
            "id": self.plugin_id,
            "state": "failing" if failing else str(self.state),
            **{name: manifest.get(name) for name in (*shown, *related)},
            **kept,
            "breaker": self.breaker or "enforce",
            "open_hooks": self.open_hooks or [],
            "installed_by": self.installed_by and str(self.installed_by),
            "installed_at": iso(self.created_at),
            "activated_at": self.activated_at and iso(self.activated_at),
        }
