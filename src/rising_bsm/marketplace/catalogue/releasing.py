"""What changes the catalogue: versions that are approved, released, and taken back. All within a session."""

from typing import Any
from uuid import UUID

from packaging.version import Version
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle.manifest import Manifest
from rising_bsm.db import now
from rising_bsm.errors import Conflict, NotFound
from rising_bsm.marketplace.catalogue.search import documents
from rising_bsm.marketplace.catalogue.statuses import NEXT, TO_BE_HAD, VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketPicture, MarketPlugin, MarketVersion


class VersionExists(Conflict):
    """There is this version of the plugin already, and it is never replaced."""

    code = "catalogue.version_exists"


class WrongStatus(Conflict):
    """The status cannot follow the one that the version has."""

    code = "catalogue.wrong_status"


async def add_version(
    session: AsyncSession,
    manifest: Manifest,
    *,
    channel: str = "stable",
    bundle_sha256: str,
    bundle_size: int,
    blob_sha256: str,
    blob_size: int,
    encrypted: bool = False,
    content_key: str | None = None,
    key_id: str,
    readme: str = "",
    changelog: str = "",
    icon_sha256: str | None = None,
    screenshots: list[str] | None = None,
    security: bool = False,
    submission_id: UUID | None = None,
) -> MarketVersion:
    """The version, approved and not yet to be had; its plugin is in the catalogue from now on, if not yet listed.

    Raises VersionExists.
    """
    if await _find(session, manifest.id, manifest.version):
        raise _exists(manifest)
    version = MarketVersion(
        plugin_id=manifest.id,
        version=manifest.version,
        channel=channel,
        status=VersionStatus.APPROVED,
        bundle_sha256=bundle_sha256,
        bundle_size=bundle_size,
        blob_sha256=blob_sha256,
        blob_size=blob_size,
        encrypted=encrypted,
        content_key=content_key,
        key_id=key_id,
        security=security,
        submission_id=submission_id,
        icon_sha256=icon_sha256,
        screenshots=screenshots or [],
        manifest_json=manifest.model_dump(mode="json"),
        readme=readme,
        changelog=changelog,
    )
    try:
        async with session.begin_nested():
            session.add(version)
    except IntegrityError:
        raise _exists(manifest) from None
    await _plugin_of(session, version)
    return version


async def release(session: AsyncSession, plugin_id: str, version: str) -> tuple[MarketVersion, MarketPlugin]:
    """An approved version is to be had from now on. Raises NotFound (`catalogue.no_version`), WrongStatus."""
    return await set_status(session, plugin_id, version, VersionStatus.PUBLISHED)


async def set_status(
    session: AsyncSession,
    plugin_id: str,
    version: str,
    status: VersionStatus,
    reason: str | None = None,
    *,
    security: bool = False,
) -> tuple[MarketVersion, MarketPlugin]:
    """The version has this status from now on, and the catalogue shows what is left to be had of its plugin.

    `security` says that the version mends a weakness of earlier ones; it is never unsaid. Raises NotFound
    (`catalogue.no_version`), WrongStatus.
    """
    plugin = await session.scalar(select(MarketPlugin).where(MarketPlugin.plugin_id == plugin_id).with_for_update())
    found = await _find(session, plugin_id, version)
    if plugin is None or found is None:
        raise no_version(plugin_id, version)
    if status not in NEXT[VersionStatus(found.status)]:
        raise WrongStatus(
            f"{plugin_id} {version} is {found.status}, and cannot become {status}.",
            place=str(found.status),
            next_step=f"It can become {', '.join(sorted(NEXT[VersionStatus(found.status)])) or 'nothing else'}.",
        )
    found.status, found.reason, found.security = status, reason, found.security or security
    if status == VersionStatus.PUBLISHED and found.released_at is None:
        found.released_at = now()
    await session.flush()
    await refresh(session, plugin)
    return found, plugin


async def refresh(session: AsyncSession, plugin: MarketPlugin) -> None:
    """The plugin says what the newest of its versions that are to be had says; without any, it is not listed."""
    shown, stable = await _newest(session, plugin.plugin_id)
    await session.execute(delete(MarketPicture).where(MarketPicture.plugin == plugin.number))
    plugin.listed = shown is not None
    plugin.latest_version = stable
    if shown is None:
        await documents.forget(session, plugin)
        return
    for name, value in _facts(shown).items():
        setattr(plugin, name, value)
    plugin.published_at = plugin.published_at or now()
    pictures = {*shown.screenshots, *([shown.icon_sha256] if shown.icon_sha256 else [])}
    session.add_all(MarketPicture(plugin=plugin.number, sha256=sha256) for sha256 in sorted(pictures))
    await session.flush()
    await documents.put(session, plugin, shown.readme)


def no_version(plugin_id: str, version: str) -> NotFound:
    """The refusal of a version that there is not."""
    return NotFound(
        f"There is no version {version[:60]!r} of {plugin_id[:81]!r} on this marketplace.",
        code="catalogue.no_version",
        place=version[:60],
    )


async def _find(session: AsyncSession, plugin_id: str, version: str) -> MarketVersion | None:
    query = select(MarketVersion).where(MarketVersion.plugin_id == plugin_id, MarketVersion.version == version)
    return await session.scalar(query)


async def _newest(session: AsyncSession, plugin_id: str) -> tuple[MarketVersion | None, str | None]:
    """The version that is shown, and the number of the newest stable one."""
    query = select(MarketVersion.version, MarketVersion.channel).where(
        MarketVersion.plugin_id == plugin_id, MarketVersion.status.in_(TO_BE_HAD)
    )
    found = [(channel == "stable", Version(version), version) for version, channel in await session.execute(query)]
    if not found:
        return None, None
    is_stable, _, newest = max(found)
    return await _find(session, plugin_id, newest), newest if is_stable else None


async def _plugin_of(session: AsyncSession, version: MarketVersion) -> MarketPlugin:
    plugin = await session.scalar(select(MarketPlugin).where(MarketPlugin.plugin_id == version.plugin_id))
    if plugin is None:
        plugin = MarketPlugin(plugin_id=version.plugin_id, listed=False, **_facts(version))
        session.add(plugin)
        await session.flush()
    return plugin


def _facts(version: MarketVersion) -> dict[str, Any]:
    manifest = version.manifest
    same = ("publisher", "display_name", "description", "license", "category", "type", "host")
    return {
        **{name: getattr(manifest, name) for name in same},
        "tags": list(manifest.tags),
        "pricing": manifest.pricing.model,
        "trial_days": manifest.pricing.trial_days,
        "homepage": manifest.homepage or "",
        "support": manifest.support or "",
        "icon_sha256": version.icon_sha256,
        "screenshots": list(version.screenshots),
    }


def _exists(manifest: Manifest) -> VersionExists:
    return VersionExists(
        f"There is {manifest.id} {manifest.version} already, and a version is never replaced.",
        place=manifest.version,
        next_step="Give the new one a higher version in pyproject.toml, and build it again.",
    )
