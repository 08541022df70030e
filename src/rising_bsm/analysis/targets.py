"""What of a plugin can be called: a route, a hook, an event, a schedule, a component, a moment of its life."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RouteTarget:
    """A request; `query` has the last value of each parameter."""

    method: str
    path: str
    query: dict[str, str]


@dataclass(frozen=True)
class HookTarget:
    """What runs before something is written."""

    hook: str


@dataclass(frozen=True)
class EventTarget:
    """What runs after something was done; an event of a plugin is `publisher.name:topic`."""

    event: str


@dataclass(frozen=True)
class ScheduleTarget:
    """What runs by the clock."""

    handler: str


@dataclass(frozen=True)
class ComponentTarget:
    """What people are shown."""

    handler: str


@dataclass(frozen=True)
class ActionTarget:
    """What a button or form of a component calls."""

    handler: str


@dataclass(frozen=True)
class LifecycleTarget:
    """A moment of the plugin's life."""

    moment: str


Target = RouteTarget | HookTarget | EventTarget | ScheduleTarget | ComponentTarget | ActionTarget | LifecycleTarget
