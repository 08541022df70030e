"""Versions that the marketplace has taken back do not run, unless an administrator says otherwise."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.errors import Conflict
from rising_bsm.plugins.market.tables import PluginAdvisory

SENTENCES = {"revoked": "was revoked by its marketplace", "suspended": "is suspended by its marketplace"}
"""What is said of a version of which there is such an advisory; others do not keep it from running."""


class Condemned(Conflict):
    """The marketplace has revoked or suspended this version; `place` is the plugin with its version."""

    code = "plugins.condemned"

    def __init__(self, plugin_id: str, version: str, kind: str, reason: str) -> None:
        super().__init__(
            f"{plugin_id} {version} {SENTENCES[kind]}: {reason or 'no reason was given'}",
            place=f"{plugin_id} {version}",
            next_step="Update or uninstall it. Whoever knows better overrides this: "
            f"POST /api/market/advisories/{plugin_id}/override.",
        )


async def check_not_condemned(session: AsyncSession, plugin_id: str, version: str) -> None:
    """Raises Condemned if the marketplace has taken this version back, unless somebody has overridden that."""
    mine = PluginAdvisory.plugin_id == plugin_id, PluginAdvisory.version == version
    found = select(PluginAdvisory).where(*mine, PluginAdvisory.kind.in_(SENTENCES))
    advisory = await session.scalar(found.where(PluginAdvisory.overridden_at.is_(None)))
    if advisory is not None:
        raise Condemned(plugin_id, version, advisory.kind, advisory.reason)
