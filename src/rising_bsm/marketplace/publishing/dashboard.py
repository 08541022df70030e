"""What a publisher wants to know of its plugins."""

from typing import Any, Protocol

from sqlalchemy import select

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.marketplace.catalogue.tables import MarketPlugin
from rising_bsm.marketplace.publishing.publishers import owned_or_operated
from rising_bsm.marketplace.submissions.queries import ShelfQueries, SubmissionQueries
from rising_bsm.marketplace.submissions.tables import Submission

LATEST = 20


class Census(Protocol):
    """What is known of a plugin's live installs (`InstanceCensus`)."""

    async def of(self, plugin_id: str) -> dict[str, Any]:
        """`installs`, `versions` each with how many, `crash_free`."""


class Dashboard:
    """Numbers for publishers, counted when they are asked for."""

    def __init__(self, database: Database, census: Census) -> None:
        self._database = database
        self._census = census

    async def of(self, actor: Actor, publisher: str) -> dict[str, Any]:
        """Per plugin installs alive, versions in use, crash-free rate and downloads; the latest submissions.

        Raises NoPublisher, NotTheOwner.
        """
        async with self._database.reading() as session:
            await owned_or_operated(session, actor, publisher)
            query = select(MarketPlugin).where(MarketPlugin.publisher == publisher).order_by(MarketPlugin.plugin_id)
            plugins = (await session.scalars(query)).all()
            submissions, _ = await SubmissionQueries(session).page([Submission.publisher == publisher], None, LATEST)
            versions = {one.plugin_id: await ShelfQueries(session).versions_of(one.plugin_id) for one in plugins}
        told = [
            _about(plugin)
            | {"published": [_short(one) for one in versions[plugin.plugin_id]]}
            | await self._census.of(plugin.plugin_id)
            for plugin in plugins
        ]
        return {"publisher": publisher, "plugins": told, "submissions": [_told(one) for one in submissions]}


def _about(plugin: MarketPlugin) -> dict[str, Any]:
    shown = ("plugin_id", "display_name", "latest_version", "downloads", "rating", "rating_count", "listed")
    return {name: getattr(plugin, name) for name in shown}


def _short(version: Any) -> dict[str, Any]:
    return {name: getattr(version, name) for name in ("version", "channel", "status", "reason")}


def _told(submission: Submission) -> dict[str, Any]:
    findings = [finding for finding in submission.findings if finding["severity"] != "ok"]
    return submission.as_dict() | {"findings": findings}
