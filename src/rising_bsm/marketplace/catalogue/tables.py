"""What is kept of publishers, plugins and versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.bundle import PublicKey, TrustedKey
from rising_bsm.bundle.manifest import Manifest, make_manifest
from rising_bsm.db import Base, Json, Row, iso, uuid7
from rising_bsm.marketplace.catalogue.statuses import TO_BE_HAD, VersionStatus

FACTS = "ix_market_plugins_facts"
"""The index of all that decides whether and where a plugin stands in a search."""


class Publisher(Base):
    """Somebody who publishes plugins, all of which begin with this name.

    `owner_id` is the person who acts for it; `verified` says that the operator knows who that is.
    """

    __tablename__ = "publishers"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    website: Mapped[str] = mapped_column(String(300), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    verified: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[UUID | None] = mapped_column(index=True)

    def as_dict(self) -> dict[str, Any]:
        """The publisher as everybody sees it, as JSON."""
        shown = ("name", "display_name", "website", "verified")
        return {name: getattr(self, name) for name in shown} | {"since": iso(self.created_at)}


class MarketKey(Base):
    """A public key that signs, or until `revoked_at` has signed, the bundles of one publisher.

    From `compromised_at` on nothing that it has ever signed is believed.
    """

    __tablename__ = "market_keys"

    publisher: Mapped[str] = mapped_column(String(40), index=True)
    key_id: Mapped[str] = mapped_column(String(64), unique=True)
    public_key: Mapped[str] = mapped_column(String(80))
    added_by: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(Text)
    compromised_at: Mapped[datetime | None]

    @property
    def trusted(self) -> TrustedKey:
        """The key as bundles are checked with it."""
        return TrustedKey(self.publisher, PublicKey.parse(self.public_key))

    @property
    def because(self) -> str:
        """What is said of all that ends with the key."""
        return f"The key that has signed it was revoked: {self.revoked_because}"

    def as_dict(self) -> dict[str, Any]:
        """The key as JSON."""
        known = {"key_id": self.key_id, "public_key": self.public_key, "publisher": self.publisher}
        times = {name: getattr(self, name) for name in ("revoked_at", "compromised_at")}
        ended = {name: moment and iso(moment) for name, moment in times.items()}
        return known | {"added_at": iso(self.created_at)} | ended | {"reason": self.revoked_because}


class MarketPlugin(Base):
    """A plugin of the catalogue; of what its versions say, it has what the newest stable one that is to be had says.

    `number` orders plugins by their age and is what the search knows them by. Only a `listed` one is shown. `installs`
    counts those that are alive, `score` is the Bayesian mean of its stars, from 1 to 5. `host` is the range of host
    versions; `trial_days` are 0 where there is no trial. Kept narrow: a search reads thousands of these rows.
    """

    __tablename__ = "market_plugins"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(unique=True, default=uuid7, sort_order=-1)
    plugin_id: Mapped[str] = mapped_column(String(81), unique=True)
    publisher: Mapped[str] = mapped_column(String(40), index=True)
    listed: Mapped[bool] = mapped_column(default=False)
    installs: Mapped[int] = mapped_column(default=0)
    score: Mapped[float] = mapped_column(default=3.5)
    published_at: Mapped[datetime | None]
    category: Mapped[str] = mapped_column(String(40), default="other")
    type: Mapped[str] = mapped_column(String(20))
    pricing: Mapped[str] = mapped_column(String(10), default="free")
    host: Mapped[str] = mapped_column(String(100))
    trial_days: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)
    rating_sum: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)
    display_name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(300))
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    license: Mapped[str] = mapped_column(String(200))
    homepage: Mapped[str] = mapped_column(String(300), default="")
    support: Mapped[str] = mapped_column(String(300), default="")
    icon_sha256: Mapped[str | None] = mapped_column(String(64))
    screenshots: Mapped[list[str]] = mapped_column(Json, default=list)
    latest_version: Mapped[str | None] = mapped_column(String(60))

    __table_args__ = (
        Index(None, "listed", "installs", "number"),
        Index(None, "listed", "score", "number"),
        Index(None, "listed", "published_at", "number"),
        Index(None, "category"),
        Index(None, "host"),
        Index(FACTS, "number", "listed", "installs", "score", "published_at", "type", "pricing", "host"),
    )

    @property
    def rating(self) -> float | None:
        """The mean of its stars, None without any."""
        return round(self.rating_sum / self.rating_count, 2) if self.rating_count else None


class MarketTag(Row):
    """A tag of a listed plugin."""

    __tablename__ = "market_tags"

    plugin: Mapped[int] = mapped_column(ForeignKey("market_plugins.number", ondelete="CASCADE"), index=True)
    tag: Mapped[str] = mapped_column(String(40))

    __table_args__ = (UniqueConstraint("tag", "plugin"),)


class MarketPicture(Row):
    """The icon or a screenshot of a listed plugin, by the SHA-256 of its blob."""

    __tablename__ = "market_pictures"

    plugin: Mapped[int] = mapped_column(ForeignKey("market_plugins.number", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)


class MarketVersion(Base):
    """One version of a plugin, which is never replaced by another of its number.

    `bundle_*` are about the bundle that its author signed, `blob_*` about what is handed out, which is that bundle, or
    where the version is `encrypted` its ciphertext; `content_key` is sealed. Sizes in bytes, digests SHA-256 in hex.
    `readme` and `changelog` are those of the bundle. `reason` says why the status is what it is.
    """

    __tablename__ = "market_versions"

    plugin_id: Mapped[str] = mapped_column(String(81))
    version: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(10), default="stable")
    status: Mapped[VersionStatus] = mapped_column(String(20), default=VersionStatus.APPROVED)
    bundle_sha256: Mapped[str] = mapped_column(String(64))
    bundle_size: Mapped[int]
    blob_sha256: Mapped[str] = mapped_column(String(64), index=True)
    blob_size: Mapped[int]
    encrypted: Mapped[bool] = mapped_column(default=False)
    content_key: Mapped[str | None] = mapped_column(Text)
    key_id: Mapped[str] = mapped_column(String(64))
    security: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(Text)
    released_at: Mapped[datetime | None]
    submission_id: Mapped[UUID | None]
    icon_sha256: Mapped[str | None] = mapped_column(String(64))
    screenshots: Mapped[list[str]] = mapped_column(Json, default=list)
    manifest_json: Mapped[dict[str, Any]] = mapped_column("manifest", Json)
    readme: Mapped[str] = mapped_column(Text, default="")
    changelog: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("plugin_id", "version"),)

    @property
    def manifest(self) -> Manifest:
        """What the version says of itself; raises BundleError for what this program cannot read."""
        return make_manifest(self.manifest_json)

    @property
    def to_be_had(self) -> bool:
        """Whether it is handed out."""
        return self.status in TO_BE_HAD

    def as_dict(self) -> dict[str, Any]:
        """The version as everybody sees it, as JSON."""
        shown = ("version", "channel", "status", "reason", "security", "changelog", "encrypted")
        digests = ("bundle_sha256", "bundle_size", "blob_sha256", "blob_size")
        asked = {name: self.manifest_json.get(name) for name in ("host", "dependencies")}
        released = {"released_at": self.released_at and iso(self.released_at)}
        return {name: getattr(self, name) for name in (*shown, *digests)} | asked | released
