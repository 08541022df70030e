"""What instances are told about the versions that they run."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketVersion

_KINDS = (VersionStatus.REVOKED, VersionStatus.SUSPENDED, VersionStatus.DEPRECATED)


async def advisories(session: AsyncSession, running: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """For each of these versions (plugin and number) that is revoked, suspended or deprecated: which, and why."""
    plugins = {plugin_id for plugin_id, _ in running}
    query = select(MarketVersion).where(MarketVersion.plugin_id.in_(plugins), MarketVersion.status.in_(_KINDS))
    found = (await session.scalars(query.order_by(MarketVersion.plugin_id, MarketVersion.version))).all()
    return [
        {"plugin": one.plugin_id, "version": one.version, "kind": str(one.status), "reason": one.reason or ""}
        for one in found
        if (one.plugin_id, one.version) in running
    ]
