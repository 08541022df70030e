"""What is on its way to plugins, and what did not arrive, for those who manage plugins."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.db import Database, now, on_commit
from rising_bsm.errors import NotFound
from rising_bsm.runtime.events.outbox import Outbox
from rising_bsm.runtime.events.tables import DEAD, WAITING, Delivery

MOST = 200


class Deliveries:
    """The deliveries of each plugin. Every method raises PermissionDenied unless the actor has `plugins.manage`."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def list(
        self, actor: Actor, plugin_id: str, *, status: str | None = None, limit: int = 50, after: UUID | None = None
    ) -> Sequence[Delivery]:
        """At most `limit` (200) deliveries to the plugin that came after the one named, the oldest first."""
        actor.require("plugins.manage")
        chosen = select(Delivery).where(Delivery.plugin_id == plugin_id)
        if status is not None:
            chosen = chosen.where(Delivery.status == status)
        if after is not None:
            chosen = chosen.where(Delivery.id > after)
        async with self._database.reading() as session:
            return (await session.scalars(chosen.order_by(Delivery.id).limit(max(1, min(limit, MOST))))).all()

    async def retry(self, actor: Actor, plugin_id: str, delivery_id: UUID) -> None:
        """The delivery, if it is dead, is tried again from the beginning. Raises NotFound (`events.not_found`)."""
        if not await self._again(actor, plugin_id, Delivery.id == delivery_id):
            raise _not_found(delivery_id)

    async def retry_all(self, actor: Actor, plugin_id: str) -> int:
        """All that is dead is tried again from the beginning; how many there were."""
        return await self._again(actor, plugin_id)

    async def drop(self, actor: Actor, plugin_id: str, delivery_id: UUID) -> None:
        """The delivery, dead or not, is never tried again. Raises NotFound (`events.not_found`)."""
        actor.require("plugins.manage")
        chosen = delete(Delivery).where(Delivery.plugin_id == plugin_id, Delivery.id == delivery_id)
        async with self._database.transaction() as session:
            name = await session.scalar(chosen.returning(Delivery.name))
            if name is None:
                raise _not_found(delivery_id)
            record(session, actor, "plugins.drop_delivery", "plugin", plugin_id, {"event": name})

    async def _again(self, actor: Actor, plugin_id: str, *which: ColumnElement[bool]) -> int:
        actor.require("plugins.manage")
        chosen = update(Delivery).where(Delivery.plugin_id == plugin_id, Delivery.status == DEAD, *which)
        values: dict[str, Any] = {"status": WAITING, "attempts": 0, "due_at": now()}
        async with self._database.transaction() as session:
            found = len((await session.scalars(chosen.values(values).returning(Delivery.id))).all())
            if found:
                record(session, actor, "plugins.retry_deliveries", "plugin", plugin_id, {"count": found})
                on_commit(session, self._outbox.announce)
        return found


def _not_found(delivery_id: UUID) -> NotFound:
    return NotFound(
        "There is no such delivery to this plugin, or it is not dead.",
        code="events.not_found",
        place=str(delivery_id),
        next_step="See GET /api/plugins/{plugin_id}/deliveries.",
    )
