"""Events: what a handler of `@after` is told, and what a plugin tells others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that was done.

    `id` is the same each time the event is delivered, so a handler that notes it does nothing twice. `name` is that of
    the decorator. `before` and `after` are the entity `entity_id` as it was and is, None where there was or is none;
    `payload` is what a plugin emitted. `at` is when, in ISO 8601 UTC. `user` is the name of whoever did it, `plugin`
    the id of the plugin that did it, None if there was none. `depth` counts the events that led to this one.
    """

    id: str
    name: str
    at: str
    depth: int
    user: str | None = None
    plugin: str | None = None
    entity_id: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    payload: Any = None


class Events:
    """What this plugin tells those that listen to it."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def emit(self, topic: str, payload: Any = None) -> str:
        """Tell everybody with `@after("publisher.name:topic")`, that is this plugin's name and the topic.

        `payload` is JSON of at most 16 KiB. Returns the id of the event.
        """
        event_id: str = self._call("events.emit", {"topic": topic, "payload": payload})
        return event_id
