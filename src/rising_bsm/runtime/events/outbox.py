"""Events are written down for those who listen, in the transaction of the deed: both are there, or neither."""

import asyncio
import json
from collections import defaultdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.bundle.moments import READ_FOR
from rising_bsm.db import iso, now, on_commit, uuid7
from rising_bsm.hooks import Event
from rising_bsm.runtime.events.chain import next_depth
from rising_bsm.runtime.events.tables import Delivery
from rising_bsm.runtime.plugin import ActivePlugin


def may_listen(plugin: ActivePlugin, name: str) -> bool:
    """Whether the plugin was granted to see what events of this name say; those of plugins are for everybody."""
    needed = READ_FOR.get(name)
    return needed is None or needed in plugin.grants


def as_told(event_id: UUID, name: str, at: datetime, depth: int, actor: Actor) -> dict[str, Any]:
    """What every handler of an event is told of it, besides what it is about."""
    user = None if actor.name == actor.plugin else actor.name
    return {"id": str(event_id), "name": name, "at": iso(at), "depth": depth, "user": user, "plugin": actor.plugin}


class Outbox:
    """Who listens to what, and the deliveries to them. `news` is set whenever somebody was announced."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self._announced: set[str] | None = set()
        self._listeners: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)

    def listen(self, plugin: ActivePlugin) -> None:
        """From now on the plugin is told of what it listens to and may see, and of nothing else."""
        self.ignore(plugin.id)
        for export in plugin.exports.after:
            if may_listen(plugin, export.event):
                self._listeners[export.event][plugin.id, export.handler] = None
        self.announce()

    def ignore(self, plugin_id: str) -> None:
        """From now on the plugin is told of nothing more."""
        for name, listeners in list(self._listeners.items()):
            for key in [key for key in listeners if key[0] == plugin_id]:
                del listeners[key]
            if not listeners:
                del self._listeners[name]

    def announce(self, *plugin_ids: str) -> None:
        """There is something to deliver to these plugins, or, if none is named, there may be to any."""
        self._announced = None if self._announced is None or not plugin_ids else self._announced | {*plugin_ids}
        self.news.set()

    def take_announced(self) -> set[str] | None:
        """Who was announced since this was asked last, None for any."""
        announced, self._announced = self._announced, set()
        self.news.clear()
        return announced

    def has_listeners(self, name: str) -> bool:
        """Whether anybody is told of events of this name."""
        return name in self._listeners

    async def note(self, session: AsyncSession, event: Event) -> None:
        """Writes down an event of the host, in the transaction that causes it. Raises EventsTooDeep."""
        if event.name in self._listeners:
            told = {"entity_id": event.entity_id, "before": event.before, "after": event.after}
            await self.write(session, event.name, event.actor, told)

    async def write(self, session: AsyncSession, name: str, actor: Actor, told: dict[str, Any]) -> UUID:
        """Writes down an event for each who listens, in one statement; its id. Raises EventsTooDeep."""
        event_id, moment, depth = uuid7(), now(), next_depth(name)
        payload = json.dumps(as_told(event_id, name, moment, depth, actor) | told)
        known = {"event_id": event_id, "name": name, "entity_id": told.get("entity_id"), "payload": payload}
        rows = [
            {"id": uuid7(), **known, "plugin_id": plugin_id, "handler": handler, "depth": depth, "due_at": moment}
            for plugin_id, handler in self._listeners.get(name, ())
        ]
        if rows:
            await session.execute(insert(Delivery), rows)
            on_commit(session, partial(self.announce, *(plugin_id for plugin_id, _handler in self._listeners[name])))
        return event_id
