"""The versions of plugins that are kept beside the one that is installed."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import String, UniqueConstraint, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.bundle.manifest import Manifest, make_manifest
from rising_bsm.db import Base, Json, iso
from rising_bsm.plugins.tables import InstalledPlugin


class Role(StrEnum):
    """What a version is kept for.

    `staged`: it is being prepared to be the next one; one that was left so by an interruption is removed.
    `previous`: a rollback brings it back; `older`: one more does. `undone`: a rollback has taken it away; calls of it
    may still run.
    """

    STAGED = "staged"
    PREVIOUS = "previous"
    OLDER = "older"
    UNDONE = "undone"


class PluginVersion(Base):
    """One version of a plugin that is not the installed one; the columns are those of `InstalledPlugin`."""

    __tablename__ = "plugin_versions"

    plugin_id: Mapped[str] = mapped_column(String(81))
    role: Mapped[Role] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    manifest_json: Mapped[dict[str, Any]] = mapped_column("manifest", Json)
    grants: Mapped[list[str]] = mapped_column(Json)
    key_id: Mapped[str] = mapped_column(String(64))
    code_sha256: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("plugin_id", "role"),)

    @property
    def manifest(self) -> Manifest:
        """What this version says of itself; raises BundleError for what this host cannot read."""
        return make_manifest(self.manifest_json)

    def as_dict(self) -> dict[str, Any]:
        """The version as JSON."""
        kept = {name: getattr(self, name) for name in ("role", "version", "digest", "size", "grants", "key_id")}
        return kept | {"kept_at": iso(self.created_at)}


_CARRIED = ("version", "digest", "size", "manifest_json", "grants", "key_id", "code_sha256")


def kept_as(role: Role, plugin: InstalledPlugin) -> PluginVersion:
    """The version that is installed, to be kept when it is no more."""
    carried = {name: getattr(plugin, name) for name in _CARRIED}
    return PluginVersion(plugin_id=plugin.plugin_id, role=role, **carried)


def take_over(plugin: InstalledPlugin, version: PluginVersion) -> None:
    """The plugin is this version from now on; whether it is active stays as it is."""
    for name in _CARRIED:
        setattr(plugin, name, getattr(version, name))
    plugin.problem = None
    plugin.changed()


class PluginVersions:
    """Named queries over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[PluginVersion]:
        """Those of all plugins."""
        return (await self._session.scalars(select(PluginVersion))).all()

    async def of(self, plugin_id: str) -> Sequence[PluginVersion]:
        """Those of one plugin."""
        return (await self._session.scalars(select(PluginVersion).where(PluginVersion.plugin_id == plugin_id))).all()

    async def by_role(self, plugin_id: str, role: Role) -> PluginVersion | None:
        """The one that is kept as this."""
        mine = PluginVersion.plugin_id == plugin_id
        return await self._session.scalar(select(PluginVersion).where(mine, PluginVersion.role == role))

    async def by_digest(self, plugin_id: str, digest: str) -> PluginVersion | None:
        """One whose bundle has this SHA-256."""
        mine = PluginVersion.plugin_id == plugin_id
        return await self._session.scalar(select(PluginVersion).where(mine, PluginVersion.digest == digest).limit(1))


async def exchange(session: AsyncSession, plugin: InstalledPlugin, version: PluginVersion, kept: Role) -> set[str]:
    """The version is the installed one, and that one is kept: as the PREVIOUS of an update, or as what was UNDONE.

    The digests of the bundles that nobody needs any more.
    """
    found = await PluginVersions(session).of(version.plugin_id)
    old = kept_as(kept, plugin)
    # As it is stored now: it may have been compiled since it was read.
    version.code_sha256 = next(one.code_sha256 for one in found if one.id == version.id)
    take_over(plugin, version)
    moved = (Role.PREVIOUS, Role.OLDER) if kept is Role.PREVIOUS else (Role.OLDER, Role.PREVIOUS)
    stay = [one for one in found if one.role == moved[0] and one.id != version.id]
    mine = PluginVersion.plugin_id == version.plugin_id
    without_session = {"synchronize_session": False}
    gone = delete(PluginVersion).where(mine, PluginVersion.id.not_in([one.id for one in stay]))
    await session.execute(gone, execution_options=without_session)
    await session.execute(update(PluginVersion).where(mine).values(role=moved[1]), execution_options=without_session)
    session.add(old)
    return {one.digest for one in found} - {plugin.digest, old.digest, *(one.digest for one in stay)}
